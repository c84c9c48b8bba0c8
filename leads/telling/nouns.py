"""Stages and promises as people call them."""

from dataclasses import dataclass

from leads.coming_back import RAISED_HAND
from leads.meetings import REBOOK
from leads.obeyed import CALLBACK
from leads.promises import ClockName
from leads.state import Clock

STANDS = {
    "provisional": "not captured yet",
    "captured": "captured",
    "nurturing": "with marketing",
    "qualified": "ready for sales",
    "assigned": "assigned",
    "accepted": "accepted",
    "working": "in work",
    "opportunity": "an opportunity",
    "won": "won",
    "lost": "lost",
    "disqualified": "ruled out",
    "merged": "merged into another lead",
    "erased": "erased",
}
"""Each stage, as what the lead is."""


@dataclass(frozen=True, slots=True)
class _Promise:
    noun: str
    missing: str
    """What had not happened when it ran out."""
    is_with_article: bool = False
    """“the first touch is due”, but “finding an owner is due”."""
    is_somebody_s: bool = False
    """Named with whose it is."""


_PROMISES: dict[str, _Promise] = {
    ClockName.SPEED_TO_LEAD: _Promise("answer to the raised hand", "nobody had answered", is_with_article=True),
    ClockName.ASSIGN: _Promise("finding an owner", "it had no owner"),
    ClockName.ACCEPT: _Promise(
        "acceptance", "it was neither accepted nor rejected", is_with_article=True, is_somebody_s=True
    ),
    ClockName.FIRST_TOUCH: _Promise("first touch", "nobody had reached out", is_with_article=True, is_somebody_s=True),
    ClockName.EFFORT: _Promise(
        "agreed effort to reach the buyer",
        "the buyer had not been reached, and the attempts agreed had not been made",
        is_with_article=True,
    ),
    ClockName.NEXT_STEP: _Promise(
        "next step", "the next step had not been taken", is_with_article=True, is_somebody_s=True
    ),
    ClockName.REPLY: _Promise("answer to the buyer", "the buyer had got no answer", is_with_article=True),
    ClockName.MEETING_OUTCOME: _Promise("word of how the meeting went", "nobody had told how the meeting went"),
    ClockName.STAGE: _Promise("moving on", "it had not moved on"),
    ClockName.FEEDBACK: _Promise("feedback to marketing", "marketing had not been told what came of it"),
}
_SUBJECTS = {
    CALLBACK: _Promise("callback at the date agreed", "nobody had called back", is_with_article=True),
    REBOOK: _Promise("new date for the meeting", "no new date had been agreed", is_with_article=True),
    RAISED_HAND: _Promise(
        "answer to the buyer who asked again", "the buyer who had asked again had got no answer",
        is_with_article=True,
    ),
}  # fmt: skip


def noun(key: str) -> str:
    """A promise by its name or its key: `first touch`, `moving on from “in work”`."""
    name, _, cause = key.partition(":")
    said = _PROMISES[name].noun if name in _PROMISES else name.replace("_", " ")
    stage = cause.partition("@")[0] if name == ClockName.STAGE else ""
    return f"{said} from “{STANDS[stage]}”" if stage in STANDS else said


def missing(key: str) -> str:
    """What had not happened when a promise, by its name or its key, ran out."""
    name = key.partition(":")[0]
    return _PROMISES[name].missing if name in _PROMISES else "it was not kept"


def missing_of(clock: Clock) -> str:
    """The same, of what exactly was promised."""
    return _of(clock).missing


def noun_of(clock: Clock) -> str:
    """What exactly is promised: `next step`, `callback at the date agreed`."""
    return _SUBJECTS[clock.subject].noun if clock.subject in _SUBJECTS else noun(clock.key)


def the_noun_of(clock: Clock) -> str:
    """As the subject of a sentence: `the first touch`, `finding an owner`."""
    return f"the {noun_of(clock)}" if _of(clock).is_with_article else noun_of(clock)


def the_noun(key: str) -> str:
    """The same of a promise by its name or its key."""
    name = key.partition(":")[0]
    is_with_article = name in _PROMISES and _PROMISES[name].is_with_article
    return f"the {noun(key)}" if is_with_article else noun(key)


def is_somebody_s(clock: Clock) -> bool:
    """Whether a promise is named with whose it is: `first touch by Ana`."""
    return _of(clock).is_somebody_s


def _of(clock: Clock) -> _Promise:
    return _SUBJECTS.get(clock.subject or "") or _PROMISES[clock.clock]
