"""The ways a letter can go, as the notice's activity sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from activities.letters import Letter


class Outcome(StrEnum):
    TOLD = "told"
    LATER = "later"
    """Not now; another try may do."""
    REFUSED = "refused"
    """Another try will not do until a person has changed something."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one letter fared; `code` says why it did not go."""

    outcome: Outcome
    code: str = ""
    in_doubt: bool = False
    """The other side had all of the letter when word from it failed: it may have gone."""


TOLD = Delivery(Outcome.TOLD)


class Channel(Protocol):
    """A way to tell people."""

    async def deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        """Send letters, in their order; one answer each. Bounded in time; raises nothing but cancellation."""
