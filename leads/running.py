"""What a publication does to promises that run already: chosen with the revision, for all clocks or clock by clock."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from leads.promises import ClockName, Part


class Choice(StrEnum):
    """What becomes of a clock that runs when a revision comes into force, and of the clocks that start later."""

    NEW_LEADS_ONLY = "new_leads_only"
    """Leads captured before go on under what was promised then, their later clocks as well."""
    CARRY = "carry"
    """The clock gets the new target. The time it has used, and its pauses, are kept."""
    KEEP = "keep"
    """The clock finishes under the target it started with; later ones take the new."""
    RESTART = "restart"
    """The clock counts anew from the instant at which the revision came into force."""


REACHING = (Choice.CARRY, Choice.RESTART)
"""Choices that change a clock under way, and so must reach its lead."""


class Running(Part):
    """The choice of one publication.

    `keep` unless said otherwise: nothing that somebody was promised moves because a document was edited.
    """

    default: Choice = Choice.KEEP
    clocks: dict[ClockName, Choice] = Field(default_factory=dict, description="Where it is another than the default.")

    def of(self, clock: ClockName | None = None) -> Choice:
        """The choice for a clock; without one, for what hangs on no clock: the segment and the horizon."""
        return self.clocks.get(clock, self.default) if clock is not None else self.default

    @property
    def reaches(self) -> bool:
        """Whether it changes promises under way."""
        return any(choice in REACHING for choice in self._choices)

    @property
    def spares_old_leads(self) -> bool:
        """Whether some of it is for new leads only."""
        return Choice.NEW_LEADS_ONLY in self._choices

    @property
    def restarts(self) -> bool:
        return Choice.RESTART in self._choices

    @property
    def _choices(self) -> tuple[Choice, ...]:
        return (self.default, *self.clocks.values())


def undoing(published: Iterable[Running]) -> Running:
    """What a rollback over these publications chooses unless it says otherwise: what they moved is moved back."""
    gone = [*published]

    def back(clock: ClockName | None) -> Choice:
        return Choice.CARRY if any(one.of(clock) in REACHING for one in gone) else Choice.KEEP

    default = back(None)
    return Running(default=default, clocks={name: back(name) for name in ClockName if back(name) is not default})
