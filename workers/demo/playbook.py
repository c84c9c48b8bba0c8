"""The demo's playbook: the default one with an hour shortened, open around the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import yaml

from leads.durations import format_duration, parse_duration

HOT_PROMISE = "PT1H"
"""The audit counted who answered within the hour; so does the demo."""
SHORTEST_TARGET_SECONDS = 2.0
"""Below this a promise would measure the machine, not the people."""
_ALWAYS = {
    "timezone": "UTC",
    "weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
_SPANS = ("lag", "late_after", "nurture_after", "review_after", "wait", "former_owner_for")


def demo_playbook(default_source: str, hour_seconds: float) -> str:
    """`default_source` (a playbook as YAML) in which an hour lasts `hour_seconds` and every calendar is always open."""
    document = yaml.safe_load(default_source)
    document["calendars"] = dict.fromkeys(document["calendars"], _ALWAYS)
    for segment in document["segments"]:
        for name, promise in segment["promises"].items():
            promise.pop("if_arrived_closed", None)
            if segment["name"] == "hot" and name in ("speed_to_lead", "first_touch"):
                promise["target"] = HOT_PROMISE
    shortened = _shortened(document, lambda text, least: _shorter(text, hour_seconds, least))
    heading = f"# The demo's playbook: the default one, with an hour shortened to {hour_seconds:g} s.\n"
    return heading + yaml.dump(shortened, Dumper=_NoAliases, sort_keys=False)


class _NoAliases(yaml.SafeDumper):
    """A playbook may hold no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _shortened(part: Any, shorter: Callable[[str, float], str]) -> Any:
    if isinstance(part, list):
        return [_shortened(item, shorter) for item in part]
    if not isinstance(part, dict):
        return part
    made = {name: _shortened(value, shorter) for name, value in part.items()}
    for name in ("target", *_SPANS):
        if isinstance(made.get(name), str):
            made[name] = shorter(made[name], SHORTEST_TARGET_SECONDS if name == "target" else 0)
    at = made.get("at")
    if isinstance(at, str) and at.startswith(("due+", "due-")):
        made["at"] = at[:4] + shorter(at[4:], 0)
    return made


def _shorter(text: str, hour_seconds: float, least_seconds: float) -> str:
    """ISO 8601 in tenths of a second, one at least."""
    seconds = parse_duration(text).total_seconds() * hour_seconds / 3600
    return format_duration(timedelta(seconds=round(max(seconds, least_seconds, 0.1), 1)))
