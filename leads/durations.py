"""Targets as ISO 8601 durations: of plain elapsed time, or of working time in a calendar."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

LONGEST_TARGET = timedelta(days=3_660)
"""Ten years and a little: longer targets are refused as a slip of the pen."""

_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
_ISO_8601 = re.compile(
    rf"P(?:({_NUMBER})W)?(?:({_NUMBER})D)?(?:T(?=\d)(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?", re.ASCII
)
_SECONDS_OF_UNIT = (604_800, 86_400, 3_600, 60, 1)
_MICROSECOND = Decimal("0.000001")


class DurationError(ValueError):
    """A text that is no usable duration; `message` says what to write."""

    code = "bad_duration"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_duration(text: object) -> timedelta:
    """Plain elapsed time from ISO 8601 text, a day being 24 hours and a week seven such days.

    Years and months are refused, since they have no fixed length; so are signs and more than ten years. Only the
    smallest unit may have decimals (ISO 8601); below a microsecond they are cut off. Raises DurationError.
    """
    return _parsed(text) if isinstance(text, str) else _parsed("")


@lru_cache(maxsize=4096)
def _parsed(text: str) -> timedelta:
    """Playbooks use few durations, and each is read thousands of times a second."""
    match = _ISO_8601.fullmatch(text)
    parts = [] if match is None else [(n, unit) for n, unit in zip(match.groups(), _SECONDS_OF_UNIT, strict=True) if n]
    if not parts:
        raise DurationError(
            'a duration is ISO 8601 text of weeks, days, hours, minutes and seconds, as "PT2H30M" or "P3D"'
        )
    if any("." in number or "," in number for number, _ in parts[:-1]):
        raise DurationError('only the smallest unit may have decimals, as "PT1H2.5M"')
    seconds = sum((Decimal(number.replace(",", ".")) * unit for number, unit in parts), Decimal())
    if seconds > LONGEST_TARGET.total_seconds():
        raise DurationError(f"a target is at most {LONGEST_TARGET.days} days long")
    return timedelta(microseconds=int(seconds / _MICROSECOND))


def parse_working_duration(text: object) -> timedelta:
    """Working time from ISO 8601 text of hours, minutes and seconds (`PT40H`).

    Days and weeks are refused: a working day is as long as its calendar says, so "1 day" would mean 24 working hours
    to one reader and one day's hours to another. Raises DurationError.
    """
    duration = parse_duration(text)
    if isinstance(text, str) and ("D" in text or "W" in text):
        raise DurationError('days and weeks of working time are ambiguous: write the hours, as "PT8H" for one day of 8')
    return duration


def format_duration(duration: timedelta) -> str:
    """ISO 8601 text in hours, minutes and seconds, readable by both parsers. Raises DurationError if negative."""
    if duration < timedelta():
        raise DurationError("a negative duration has no text")
    minutes, seconds = divmod(duration.days * 86_400 + duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    if seconds or duration.microseconds:
        text += f"{seconds}.{duration.microseconds:06}".rstrip("0").rstrip(".") + "S"
    return f"PT{text or '0S'}"
