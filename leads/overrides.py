"""What a team promises where it promises more than the playbook: the promise and its ladder as they hold there."""

from collections.abc import Mapping

from pydantic import Field

from leads.playbook_teams import Override
from leads.promises import ClockName, Ladder, Name, Promise, Terms
from leads.state import Clock

_REPLACED = ("target", "if_arrived_closed", "attempts", "channels", "max_gap")


class TeamPromise(Promise):
    """A promise as one team keeps it."""

    team: str
    warn_at: dict[Name, str] = Field(description="Rungs that stand earlier, and where.")


def overridden(promise: Promise, team: str, override: Override | None) -> Promise:
    """The promise with what the team says in place of what all teams say."""
    if override is None:
        return promise
    said = {name: getattr(override, name) for name in _REPLACED if getattr(override, name) is not None}
    fields = dict(promise) | said | {"team": team, "warn_at": override.warn_at}
    return TeamPromise.model_construct(promise.model_fields_set | said.keys(), **fields)


def terms_with(terms: Terms, team: str, overrides: Mapping[ClockName, Override]) -> Terms:
    """The same for all promises of a segment or of a kind of hand-off."""
    promises = {clock: overridden(promise, team, overrides.get(clock)) for clock, promise in terms.promises.items()}
    return terms.model_copy(update={"promises": promises})


def put_under(clock: Clock, promise: Promise) -> None:
    """Let a clock climb the ladder of a promise, and remember whose terms these are."""
    clock.ladder, clock.terms_of, clock.warn_at = promise.ladder, None, {}
    if isinstance(promise, TeamPromise):
        clock.terms_of, clock.warn_at = promise.team, dict(promise.warn_at)


def ladder_with(ladder: Ladder, warn_at: Mapping[str, str]) -> Ladder:
    """The rungs, some of them earlier."""
    if not warn_at:
        return ladder
    return tuple(rung.model_copy(update={"at": warn_at.get(rung.rung, rung.at)}) for rung in ladder)
