"""Writing a turn: what the core decided becomes rows, in the transaction of the step."""

from datetime import datetime
from typing import Any
from uuid import UUID

from leads.commands import Claim
from leads.decisions import Assigned, Queued, TurnReturned
from leads.lifecycle import Turn
from leads.routing import TURN
from storage import accounts_sql, kept_rows, turn_rows, turn_sql
from storage.codec import to_row
from storage.kept_rows import Kept, changed
from storage.listed_rows import KEEP_LISTED
from storage.pipeline import Pipeline
from storage.turn_rows import as_json


class TurnWriter:
    """Writes one turn; nothing that did not change."""

    def __init__(self, pipeline: Pipeline, lead_id: UUID, now: datetime, *, cause: str) -> None:
        """`cause` says of corrections why they came about: a late fact, or an upgrade of the rules."""
        self._cause = cause
        self._pipeline = pipeline
        self._lead_id = lead_id
        self._now = now

    def write(self, turn: Turn, before: Kept, *, wake_at: datetime | None, is_news: bool) -> None:
        """`before` holds the rows as they were; `is_news` says whether mail was read or the lead was stuck."""
        if not (is_news or turn.entries or turn.refolded):
            self._run(turn_sql.SLEEP, wake_at=wake_at)
            self._run(turn_sql.HEARD)
            return
        self._record(turn)
        self._count_turns(turn)
        freed = self._keep(turn, before)
        self._act(turn)
        if freed:
            self._run(turn_sql.WAKE_WAITING, freed=freed)
        self._run(turn_sql.STAND, **turn_rows.standing(self._lead_id, turn, now=self._now, wake_at=wake_at))

    def _record(self, turn: Turn) -> None:
        told = as_json(turn_rows.timeline_rows(turn.happenings))
        if turn.refolded:
            self._run(turn_sql.CORRECT, told=told, cause=self._cause)
        entries = as_json([to_row(self._lead_id, entry) for entry in turn.entries])
        self._run(turn_sql.RECORD, entries=entries, told=told)

    def _keep(self, turn: Turn, before: Kept) -> list[str]:
        """Returns who has fewer leads in hand than before, or fewer that are untouched."""
        after = Kept.of(turn.lead, self._now)
        if before.clocks.keys() - after.clocks.keys():
            self._run(kept_rows.DROP_CLOCKS, keys=list(after.clocks))
        if before.hand_offs.keys() - after.hand_offs.keys():
            self._run(kept_rows.DROP_HAND_OFFS, keys=list(after.hand_offs))
        if before.companies != after.companies:
            self._run(accounts_sql.KEEP_COMPANIES, keys=sorted(after.companies))
        clocks, hand_offs = changed(before.clocks, after.clocks), changed(before.hand_offs, after.hand_offs)
        if clocks or hand_offs:
            self._run(kept_rows.KEEP, clocks=as_json(clocks), hand_offs=as_json(hand_offs))
        if listed := changed(before.listed, after.listed):
            self._run(KEEP_LISTED, listed=as_json(listed))
        return kept_rows.freed(before.hand_offs, after.hand_offs)

    def _act(self, turn: Turn) -> None:
        issued = turn_rows.action_rows(self._lead_id, turn)
        if issued:
            self._run(turn_sql.ISSUE, rows=as_json(issued))
        withdrawn = turn_rows.withdrawn_keys(turn)
        if withdrawn:
            self._run(turn_sql.WITHDRAW, keys=withdrawn)

    def _count_turns(self, turn: Turn) -> None:
        """A lead given is a turn taken, whether Leadloop gave it or somebody claimed it.

        In shadow too, so that those who would have been given leads take turns as well.
        """
        for entry in turn.entries:
            match entry.data:
                case Assigned(place=int()) as given:
                    self._run(
                        turn_sql.COUNT_TURN, cycle=entry.id, team=given.team, person=given.owner,
                        place=given.place, owed=given.owed, stride=TURN,
                    )  # fmt: skip
                case Queued(would_give=str() as person) as spared:
                    self._run(
                        turn_sql.COUNT_TURN, cycle=entry.id, team=spared.team or spared.queue, person=person,
                        place=None, owed=None, stride=TURN,
                    )  # fmt: skip
                case Claim() if turn.lead.last_hand_off is not None:
                    self._run(
                        turn_sql.COUNT_TURN, cycle=entry.id, team=turn.lead.last_hand_off.team, person=entry.actor,
                        place=None, owed=None, stride=TURN,
                    )  # fmt: skip
                case TurnReturned() as returned:
                    self._run(turn_sql.RETURN_TURN, cycle=returned.cycle, method=returned.method, stride=TURN)

    def _run(self, statement: str, **params: Any) -> None:
        self._pipeline.send(statement, **{"lead_id": self._lead_id, "now": self._now} | params)
