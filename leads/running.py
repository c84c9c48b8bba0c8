"""What a publication does to promises that run already: chosen with the revision, for all clocks or clock by clock."""

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

    def undone(self) -> "Running":
        """What a rollback chooses unless it says otherwise: what was moved is moved back, the rest stays."""

        def back(choice: Choice) -> Choice:
            return Choice.CARRY if choice in REACHING else Choice.KEEP

        return Running(default=back(self.default), clocks={name: back(choice) for name, choice in self.clocks.items()})

    @property
    def _choices(self) -> tuple[Choice, ...]:
        return (self.default, *self.clocks.values())
