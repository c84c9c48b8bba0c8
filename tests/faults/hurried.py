"""The playbook of the trials: so hurried that all it promises comes due while parts are away."""

from importlib import resources
from typing import Any

import yaml


def hurried_playbook() -> dict[str, Any]:
    """The default playbook with promises of seconds at any hour, and digests within seconds."""
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    document["calendars"]["office"]["weekly"] = {day: [["00:00", "24:00"]] for day in days}
    hot = {
        "speed_to_lead": {"target": "PT4S"},
        "assign": {"target": "PT3S", "time": "elapsed"},
        "first_touch": {"target": "PT2S", "ladder": "hot"},
        "effort": {"target": "PT5S", "attempts": 2, "ladder": "normal"},
        "next_step": {"target": "PT3S", "ladder": "hot"},
        "reply": {"target": "PT3S", "ladder": "normal"},
        "meeting_outcome": {"target": "PT2S", "ladder": "normal"},
        "feedback": {"target": "PT3S", "ladder": "normal"},
    }
    passed = {
        "accept": {"target": "PT3S", "ladder": "normal"},
        **hot,
        "first_touch": {"target": "PT4S", "ladder": "hot"},
    }
    del passed["speed_to_lead"], passed["effort"]
    for kind in ("rep_to_closer", "returned"):
        document["hand_offs"][kind] |= {"promises": passed, "ignored_after": {"target": "PT8S"}}
    document["stages"]["working"] = {"target": "PT6S", "time": "elapsed", "ladder": "normal"}
    document["feedback"]["share_of_wins"] = 1
    normal = {"assign": {"target": "PT3S"}, "first_touch": {"target": "PT4S", "ladder": "normal"}}
    document["segments"] = [
        {"name": "hot", "when": {"field": "raised_hand", "op": "present"}, "team": "sales", "promises": hot,
         "ignored_after": {"target": "PT8S"}},
        {"name": "normal", "team": "sales", "promises": normal, "ignored_after": {"target": "PT8S"}},
    ]  # fmt: skip
    document["ladders"] |= {
        "hot": [
            {"rung": "half", "at": "50%", "notify": ["owner"]},
            {"rung": "due", "at": "due", "notify": ["owner"]},
            {"rung": "due_channel", "at": "due", "notify": ["channel"]},
            {"rung": "move", "at": "due+PT1S", "reassign": True, "max_hops": 1},
            {"rung": "manager", "at": "due+PT2S", "notify": ["manager"]},
        ],
        "normal": [
            {"rung": "due", "at": "due", "notify": ["owner"]},
            {"rung": "queue", "at": "due+PT3S", "to_queue": True},
        ],
    }
    document["evidence"]["lag"] = "PT1S"
    document["notices"] |= {"rungs_apart": "PT1S", "quiet": None, "within": "PT10S", "digest_after": "PT3S"}
    document["qualification"]["nurture_after"] = "PT5S"
    return document
