"""Who does an act of the script, as things stand when it is played."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workers.demo import cast
from workers.demo.script import Act, By


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a lead, and what is promised of it just now."""

    first: str | None = None
    """Who had it first; None before it is assigned."""
    now: str | None = None
    running: Mapping[str, str | None] = field(default_factory=dict)
    """Name of a promise that is running → who owes it."""


class Casting:
    """Finds actors. A colleague, once found, stays the same for a lead."""

    def __init__(self) -> None:
        self._colleagues: dict[int, str] = {}

    def actor(self, act: Act, standing: Standing) -> str | None:
        """Whose act it is; None where nobody fits, yet."""
        is_with_closer = standing.now in cast.CLOSERS
        found: dict[By, str | None] = {
            By.OWNER: standing.now,
            By.FIRST_OWNER: standing.first,
            By.NEXT_OWNER: standing.now if standing.now != standing.first else None,
            By.REP: None if is_with_closer else standing.now,
            By.CLOSER: standing.now if is_with_closer else None,
            By.MANAGER: cast.MANAGER,
            By.ASKED: standing.running.get("feedback"),
        }
        return self._colleague(act.lead, standing) if act.by is By.COLLEAGUE else found[act.by]

    def _colleague(self, lead: int, standing: Standing) -> str | None:
        if standing.first is None:
            return None
        others = [rep for rep in cast.REPS if rep not in (standing.now, standing.first)] or [*cast.REPS]
        return self._colleagues.setdefault(lead, others[lead % len(others)])


def is_ruled_out(act: Act, standing: Standing) -> bool:
    """Whether the act will not happen, however long one waits: its promise is over, or the lead has not moved on."""
    if act.while_running is not None and act.while_running not in standing.running:
        return True
    return act.by is By.NEXT_OWNER and standing.now is not None and standing.now == standing.first
