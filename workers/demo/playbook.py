"""The demo's playbook: the default one with an hour shortened, open around the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import yaml

from leads.durations import DurationError, format_duration, parse_duration

HOT_PROMISE = "PT1H"
"""The audit counted who answered within the hour; so does the demo."""
SHORTEST_TARGET_SECONDS = 2.0
"""Below this a promise would measure the machine, not the people."""
SHORTEST_SECONDS = 0.1
MOST_ASKED_A_DAY = 100
"""What a playbook allows."""
_HOUR_SECONDS = 3600
_ALWAYS = {
    "timezone": "UTC",
    "weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
_OFFSETS = ("due+", "due-")


def demo_playbook(default_source: str, hour_seconds: float) -> str:
    """`default_source` (a playbook as YAML) in which an hour lasts `hour_seconds` and every calendar is always open.

    There are no quiet hours, and whoever may be asked for feedback once a day may be asked once a shortened day.
    """
    document = yaml.safe_load(default_source)
    document["calendars"] = dict.fromkeys(document["calendars"], _ALWAYS)
    for segment in document["segments"]:
        for name, promise in segment["promises"].items():
            if segment["name"] == "hot" and name in ("speed_to_lead", "first_touch"):
                promise["target"] = HOT_PROMISE
    document["notices"] = document.get("notices", {}) | {"quiet": None}
    asked = document.setdefault("feedback", {})
    a_day = max(round(asked.get("most_a_day", 1) * _HOUR_SECONDS / hour_seconds), asked.get("most_a_day", 1))
    asked["most_a_day"] = min(a_day, MOST_ASKED_A_DAY)
    shortened = _shortened(document, lambda text, least: _shorter(text, hour_seconds, least))
    heading = f"# The demo's playbook: the default one, with an hour shortened to {hour_seconds:g} s.\n"
    return heading + yaml.dump(shortened, Dumper=_NoAliases, sort_keys=False)


class _NoAliases(yaml.SafeDumper):
    """A playbook may hold no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _shortened(part: Any, shorter: Callable[[str, float], str], name: str = "") -> Any:
    """Every duration there is: a span added to the playbook later is not forgotten."""
    if isinstance(part, list):
        return [_shortened(item, shorter) for item in part]
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if key != "if_arrived_closed"}  # nothing is ever closed
        return {key: _shortened(value, shorter, key) for key, value in kept.items()}
    if not isinstance(part, str):
        return part
    if part.startswith(_OFFSETS) and is_duration(part[4:]):
        return part[:4] + shorter(part[4:], 0)
    return shorter(part, SHORTEST_TARGET_SECONDS if name == "target" else 0) if is_duration(part) else part


def is_duration(text: str) -> bool:
    """Whether a value of a playbook is a span of time."""
    try:
        parse_duration(text)
    except DurationError:
        return False
    return True


def _shorter(text: str, hour_seconds: float, least_seconds: float) -> str:
    """ISO 8601 in tenths of a second, one at least."""
    seconds = parse_duration(text).total_seconds() * hour_seconds / _HOUR_SECONDS
    return format_duration(timedelta(seconds=round(max(seconds, least_seconds, SHORTEST_SECONDS), 1)))
