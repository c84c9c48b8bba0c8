"""What a script is made of: acts, each with who does it, when, and on what it depends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Any, TypedDict, Unpack

REPEATED = 0.04
"""Share of events that are sent twice, as systems do."""
_REPEATED_AFTER = 0.02


class By(StrEnum):
    """Whose act it is; known only when it is played. Where nobody fits, it does not happen."""

    NOBODY = "nobody"
    OWNER = "owner"
    FIRST_OWNER = "first_owner"
    """Whoever had the lead first, though it may have moved on since."""
    NEXT_OWNER = "next_owner"
    """Only if the lead has moved on from its first owner."""
    REP = "rep"
    """The owner, if no closer has the lead."""
    CLOSER = "closer"
    """The owner, once a closer has the lead."""
    COLLEAGUE = "colleague"
    """A rep who does not have the lead and did not have it first; always the same one."""
    MANAGER = "manager"
    ASKED = "asked"
    """Whoever was asked for feedback."""


class When(StrEnum):
    """On what an act depends beside its actor."""

    ALWAYS = "always"
    TOUCHED = "touched"
    """Only if somebody of sales has touched the lead by then."""
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Act:
    """One event or command of the script. Spans count from the demo's start."""

    lead: int
    id: str
    type: str
    """Of an event its type, of a command its name."""
    sent_after: timedelta
    happened_after: timedelta | None = None
    """Earlier than it is sent: word of it comes late. None: it happens when it is sent."""
    data: dict[str, Any] = field(default_factory=dict)
    dates: Mapping[str, timedelta] = field(default_factory=dict)
    """Fields of the data that are instants."""
    by: By = By.NOBODY
    when: When = When.ALWAYS
    follows: str | None = None
    """Happens only if the act of this id has."""
    while_running: str | None = None
    """Happens only while the lead has a promise of this name."""
    is_command: bool = False
    repeats: bool = False
    """Sent before, and now again."""


class Terms(TypedDict, total=False):
    """What an act of the script may say beside what it is. Instants are hours from the demo's start."""

    by: By
    when: When
    follows: str | None
    while_running: str
    happened: float
    dates: dict[str, float]


class Script:
    """One lead's part, as it is written."""

    def __init__(self, chance: Random, lead: int, hour: timedelta) -> None:
        self.chance = chance
        self.lead = lead
        self.acts: list[Act] = []
        self._hour = hour

    def event(self, type_: str, at: float, data: dict[str, Any] | None = None, **terms: Unpack[Terms]) -> str:
        """An event sent at `at`. Returns its id."""
        return self._add(type_, at, data or {}, terms, is_command=False)

    def command(self, name: str, at: float, data: dict[str, Any] | None = None, **terms: Unpack[Terms]) -> str:
        """A command given at `at`. Returns its id."""
        return self._add(name, at, data or {}, terms, is_command=True)

    def either(
        self, share: float, name: str, type_: str, at: float, data: dict[str, Any], **terms: Unpack[Terms]
    ) -> str:
        """A `share` of people give a command; for the others another system tells of it."""
        if self.chance.random() < share:
            return self.command(name, at, data, **terms)
        return self.event(type_, at, data, **terms)

    def happens(self, share: float) -> bool:
        return self.chance.random() < share

    def between(self, at: float, least: float, most: float) -> float:
        """An instant `least` to `most` hours after `at`."""
        return at + self.chance.uniform(least, most)

    def one_of(self, shares: Mapping[str, int]) -> str:
        return self.chance.choices(tuple(shares), tuple(shares.values()))[0]

    def repeat_some(self) -> None:
        """Some events come twice."""
        self.acts += [
            Act(a.lead, a.id, a.type, a.sent_after + self._hour * _REPEATED_AFTER, repeats=True)
            for a in self.acts
            if self.happens(REPEATED) and not a.is_command
        ]

    def _add(self, type_: str, at: float, data: dict[str, Any], terms: Terms, *, is_command: bool) -> str:
        happened = terms.get("happened")
        act = Act(
            lead=self.lead,
            id=f"{self.lead:06}-{len(self.acts):02}",
            type=type_,
            sent_after=self._hour * at,
            happened_after=None if happened is None else self._hour * happened,
            data=data,
            dates={name: self._hour * then for name, then in terms.get("dates", {}).items()},
            by=terms.get("by", By.NOBODY),
            when=terms.get("when", When.ALWAYS),
            follows=terms.get("follows"),
            while_running=terms.get("while_running"),
            is_command=is_command,
        )
        self.acts.append(act)
        return act.id
