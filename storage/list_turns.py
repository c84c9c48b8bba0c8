"""Looking after a bulk list: one transaction in which its upload is judged and leads of it are released.

What is released is told to the leads as mail, under ids made of list and lead: looked after twice, nothing goes twice.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from leads.list_pace import Pace, UploadOutcome, Waiting, day_began_at, pace, team_of, upload_promise
from leads.revisions import Shelf
from storage import list_sql
from storage.pipeline import Pipeline, pipelined
from storage.playbooks import Shelves
from storage.post_facts import LeadFact, post_facts

SOURCE = "urn:leadloop:lists"
"""The source of what is told to the leads of a list."""
DUPLICATE = "duplicate"
"""The playbook's reason for one that sales has already under another key."""
CANCELLED = "cancelled"
MOST_AT_ONCE = 500
_SOON = timedelta(seconds=10)
_TELLS_AGAIN_AFTER = timedelta(hours=1)
"""Where the letter to marketing did not go."""
_GIVES_UP_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLook:
    """What a look at a list came to."""

    state: str
    look_at: datetime | None
    released: int = 0
    owes_letter: bool = False
    """Marketing's promise is broken, and whoever gave it has not been told."""


class ListTurns:
    """Looks after lists. Raises `DatabaseAwayError` and `NoPlaybookError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def look(self, name: str, now: datetime) -> ListLook | None:
        """Judge the upload, release what is due, say when to look again; None where there is no such list."""
        async with pipelined(self._engine) as pipeline:
            locked = pipeline.send(list_sql.LOCK, name=name)
            found = pipeline.send(list_sql.FOUND, name=name)
            newest = pipeline.send(list_sql.NEWEST_REVISION)
            await pipeline.flush()
            if locked.first is None:
                return None
            shelf = await self._shelves.at_least(newest.first.number or 0)
            return await _Look(pipeline, shelf, locked.first, found.first, now).take()


class _Look:
    """One look under way."""

    def __init__(self, pipeline: Pipeline, shelf: Shelf, row: Any, found: Any, now: datetime) -> None:
        self._pipeline, self._shelf, self._row, self._found, self._now = pipeline, shelf, row, found, now

    async def take(self) -> ListLook:
        row = self._row
        released, look_at = 0, None
        if self._found.waiting and row.state == "open":
            released, look_at = await self._release()
        elif self._found.waiting and row.state == CANCELLED:
            look_at = await self._let_go()
        late_due_at, due_at = self._upload()
        look_at = min((at for at in (look_at, due_at) if at is not None), default=None)
        is_told = row.late_told_at is not None and row.late_due_at == late_due_at
        owes = late_due_at is not None and not is_told and row.marketing_owner is not None
        if owes and late_due_at is not None and self._now - late_due_at < _GIVES_UP_AFTER:
            look_at = min(look_at or self._now + _TELLS_AGAIN_AFTER, self._now + _TELLS_AGAIN_AFTER)
        self._pipeline.send(list_sql.LOOKED, name=row.name, look_at=look_at, late_due_at=late_due_at)
        return ListLook(state=row.state, look_at=look_at, released=released, owes_letter=owes)

    def _upload(self) -> tuple[datetime | None, datetime | None]:
        """The due instant that was missed, if it was; else the one that is still to come."""
        if self._row.event_ended_at is None:
            return None, None
        promise = upload_promise(self._shelf, self._row.event_ended_at, self._found.uploaded_at, self._now)
        match promise.outcome:
            case UploadOutcome.BREACHED:
                return promise.due_at, None
            case UploadOutcome.RUNNING:
                return None, promise.due_at
        return None, None

    async def _release(self) -> tuple[int, datetime | None]:
        move = await self._pace()
        if not move.release:
            return 0, move.look_at
        playbook = self._shelf.in_force(self._now).playbook
        rows = await self._choose(move.release, by_score=playbook.lists.order == "score")
        facts, seen = [], set[str]()
        twins: dict[UUID, UUID] = {}
        for row in rows:
            if row.twin is not None or row.email in seen:
                facts.append(self._fact(row.lead_id, "lead.disqualified", _DUPLICATE))
                twins |= {row.twin: row.lead_id} if row.twin is not None else {}
            else:
                facts.append(self._fact(row.lead_id, "lead.released", {"list": self._row.name}))
            seen |= {row.email} if row.email else set()
        self._post(facts)
        listed = {"kind": "listed", "campaign": self._row.name}
        told = [self._fact(twin, "lead.engaged", listed, cause=str(lead)) for twin, lead in sorted(twins.items())]
        if told:
            post_facts(self._pipeline, told, source=SOURCE, now=self._now)
        released = sum(fact.type == "lead.released" for fact in facts)
        is_short = len(rows) < move.release or released < len(rows)
        look_at = min(filter(None, (move.look_at, self._now + _SOON))) if is_short else move.look_at
        return released, look_at

    async def _pace(self) -> Pace:
        row, found = self._row, self._found
        revision = self._shelf.in_force(self._now)
        playbook = revision.playbook
        team = team_of(revision, row.name, row.team)
        hours = revision.hours("working", playbook.calendar_of(team))
        per_rep = row.per_rep_a_day or playbook.lists.per_rep_a_day
        shares = self._pipeline.send(list_sql.SHARES, team=team, per_rep=per_rep, now=self._now)
        gone = self._pipeline.send(list_sql.GONE_TODAY, team=team, day=day_began_at(hours, self._now))
        await self._pipeline.flush()
        waiting = Waiting(
            leads=found.waiting,
            first_in_at=found.first_in_at,
            last_in_at=found.last_in_at,
            shares=tuple(person.share for person in shares.rows),
            gone_today=gone.first.leads,
        )
        return pace(hours, waiting, self._now)

    async def _let_go(self) -> datetime | None:
        """The release was called off: what waits goes on with marketing."""
        rows = await self._choose(MOST_AT_ONCE, by_score=False)
        self._post(
            [self._fact(row.lead_id, "lead.unlisted", {"list": self._row.name, "reason": CANCELLED}) for row in rows]
        )
        return self._now + _SOON if len(rows) < self._found.waiting else None

    async def _choose(self, most: int, *, by_score: bool) -> list[Any]:
        chosen = self._pipeline.send(list_sql.CHOOSE, name=self._row.name, by_score=by_score, most=most)
        await self._pipeline.flush()
        return chosen.rows

    def _fact(self, lead_id: UUID, type_: str, data: dict[str, Any], *, cause: str = "") -> LeadFact:
        event_id = f"{type_}:{self._row.name}:{lead_id}{f':{cause}' if cause else ''}"
        return LeadFact(lead_id, type_, event_id, data)

    def _post(self, facts: list[LeadFact]) -> None:
        rows = [{"lead_id": str(fact.lead_id), "why": fact.type} for fact in facts]
        post_facts(self._pipeline, facts, source=SOURCE, now=self._now)
        self._pipeline.send(list_sql.LEAVING, name=self._row.name, now=self._now, rows=json.dumps(rows))


_DUPLICATE = {"kind": "soft", "reason": DUPLICATE, "by": "leadloop"}
