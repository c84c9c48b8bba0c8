"""What became of a post: who has heard what for good, what is tried again, what is given up.

Every write names the claim it is made under: a worker thought dead changes nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.brief import Brief, Claim
from leads.post import QUIETED, Dropped, Ending, Fate, Manners
from storage import outbox_sql
from storage.outbox_sql import as_json
from storage.pipeline import Pipeline


class Settling:
    """Settles a post in one transaction. `last_attempt`: what failed so often is given up."""

    def __init__(self, pipeline: Pipeline, manners: Manners, now: datetime, last_attempt: int) -> None:
        self._pipeline, self._manners, self._now, self._last_attempt = pipeline, manners, now, last_attempt

    def settle(self, claim: Claim, ending: Ending, fates: Sequence[Fate], dropped: Sequence[Dropped]) -> None:
        """Send all that is to be written."""
        endings = {claim.action_id: (claim, ending)} | self._endings_of_others(claim, fates, dropped)
        if len(endings) > 1:
            self._pipeline.send(outbox_sql.LOCK_ACTIONS, action_ids=[*endings])
        self._write_sent(fates, dropped)
        self._write_doubtful(fates)
        self._write_unsent(claim, ending, fates, dropped)
        rows = [
            {
                "action_id": own.action_id, "attempt": own.attempt, "state": end.state, "retry_at": end.retry_at,
                "code": end.code, "is_no_try": end.is_no_try,
            }
            for own, end in endings.values()
        ]  # fmt: skip
        self._run(outbox_sql.END, rows)

    def _write_sent(self, fates: Sequence[Fate], dropped: Sequence[Dropped]) -> None:
        sent = [
            (claim, fate.parcel.hearer.key, fate.parcel.letter_id, False)
            for fate in fates
            if fate.code is None
            for claim in fate.parcel.claims
        ]
        # what may have gone out counts as heard, so that its correction goes out too
        sent += [(drop.claim, drop.hearer, drop.letter_id, True) for drop in dropped if drop.letter_id is not None]
        rows = [
            {
                "action_id": claim.action_id, "attempt": claim.attempt, "hearer": hearer, "letter_id": letter,
                "is_presumed": is_presumed,
            }
            for claim, hearer, letter, is_presumed in sent
        ]  # fmt: skip
        self._run(outbox_sql.SENT, rows)

    def _write_doubtful(self, fates: Sequence[Fate]) -> None:
        doubtful = [
            {"action_id": claim.action_id, "attempt": claim.attempt, "hearer": fate.parcel.hearer.key}
            for fate in fates
            if fate.in_doubt
            for claim in fate.parcel.claims
        ]
        self._run(outbox_sql.DOUBT, doubtful)

    def _write_unsent(self, claim: Claim, ending: Ending, fates: Sequence[Fate], dropped: Sequence[Dropped]) -> None:
        gone = [(drop.claim, drop.hearer) for drop in dropped if drop.letter_id is None]
        gone += [
            (claim, fate.parcel.hearer.key)
            for fate in fates
            if fate.code is not None
            for claim in fate.parcel.claims
            if self._is_given_up(fate, claim)
        ]
        drops = [{"action_id": own.action_id, "attempt": own.attempt, "hearer": hearer} for own, hearer in gone]
        self._run(outbox_sql.DROP, drops)
        again_at = ending.retry_at if ending.state == "pending" else None
        back = [
            self._put_back(own, (again_at if own.action_id == claim.action_id else None) or fate.retry_at, fate)
            for fate in fates
            for own in fate.parcel.claims
            if fate.code is not None and not self._is_given_up(fate, own)
        ]
        self._run(outbox_sql.PUT_BACK, back, quieted=[*QUIETED])
        if again_at is not None:
            self._run(outbox_sql.PUT_BACK, [self._put_back(claim, again_at)], quieted=[*QUIETED])
        if ending.state == "parked":
            self._pipeline.send(outbox_sql.GIVE_UP, action_id=claim.action_id, attempt=claim.attempt)

    def _put_back(self, own: Claim, at: datetime | None, fate: Fate | None = None) -> dict[str, Any]:
        """Held until then, for one hearer after quiet hours; whoever is not told of here is looked at when it wakes."""
        hearer = fate.parcel.hearer if fate else None
        after_quiet = self._manners.not_before(QUIETED[0], at or self._now, hearer.where) if hearer else at
        return {
            "action_id": own.action_id, "attempt": own.attempt, "hearer": hearer.key if hearer else None,
            "release_at": at, "after_quiet": after_quiet,
        }  # fmt: skip

    def _is_given_up(self, fate: Fate, claim: Claim) -> bool:
        return fate.retry_at is None or claim.attempt >= self._last_attempt

    def _endings_of_others(
        self, own: Claim, fates: Sequence[Fate], dropped: Sequence[Dropped]
    ) -> dict[UUID, tuple[Claim, Ending]]:
        """How the actions end that went out together with this one."""
        found: dict[UUID, tuple[Claim, Ending]] = {}
        for fate in fates:
            briefs = {brief.action_id: brief for brief in fate.parcel.notices}
            for claim in fate.parcel.claims:
                before = found.get(claim.action_id)
                ending = self._ending(fate, fates, claim, briefs.get(claim.action_id))
                if before is None or (ending.code is not None and before[1].state != "parked"):
                    found[claim.action_id] = (claim, ending)
        for drop in dropped:
            # its own turn finds that nothing is left to do, or what is wrong with it
            again = Ending(state="pending", retry_at=self._now, is_no_try=True)
            before = found.get(drop.claim.action_id)
            if before is None or before[1].state == "done":
                found[drop.claim.action_id] = (drop.claim, again)
        found.pop(own.action_id, None)
        return found

    def _ending(self, fate: Fate, fates: Sequence[Fate], claim: Claim, brief: Brief | None) -> Ending:
        if fate.code is not None:
            if self._is_given_up(fate, claim):
                return Ending(state="parked", code=fate.code)
            return Ending(state="pending", code=fate.code, retry_at=fate.retry_at)
        told = {other.parcel.hearer.key for other in fates if other.code is None and _holds(other, claim.action_id)}
        is_done = (
            brief is not None
            and brief.unresolved is None
            and told.union(brief.told) >= {hearer.key for hearer in brief.hearers}
        )
        if is_done:
            return Ending(state="done")
        return Ending(state="pending", retry_at=self._now, is_no_try=True)

    def _run(self, statement: str, rows: list[dict[str, Any]], **more: Any) -> None:
        if rows:
            self._pipeline.send(statement, rows=as_json(rows), now=self._now, **more)


def _holds(fate: Fate, action_id: UUID) -> bool:
    return any(claim.action_id == action_id for claim in fate.parcel.claims)
