"""Bulk lists for those who keep them: what is said of a list, how far its release is, and stopping it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.list_entry import ListEntry
from leads.list_pace import UploadPromise, team_of, upload_promise
from storage.engine import transaction
from storage.playbooks import Shelves
from storage.roster_changes import By, record
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError
from storage.tables import lists, people, playbook_revisions, teams

ListState = Literal["open", "paused", "cancelled"]
_SAID = tuple(lists.c[name] for name in ("name", *ListEntry.model_fields))

_COUNTED = text("""
SELECT ll.list, count(*) AS uploaded,
    min(ll.uploaded_at) AS uploaded_at, max(ll.uploaded_at) AS last_uploaded_at,
    count(*) FILTER (WHERE ll.status = 'waiting') AS waiting,
    count(*) FILTER (WHERE ll.status IN ('released', 'leaving') AND ll.why = 'lead.released') AS released,
    count(*) FILTER (WHERE ll.status = 'released' AND ll.why <> 'lead.released') AS released_early,
    count(*) FILTER (WHERE ll.status = 'known') AS known,
    count(*) FILTER (WHERE ll.status IN ('out', 'leaving') AND ll.why IN ('duplicate', 'lead.disqualified'))
        AS ruled_out,
    count(*) FILTER (WHERE ll.status IN ('out', 'leaving') AND ll.why IN ('cancelled', 'lead.unlisted')) AS let_go,
    count(h.touched_at) AS touched,
    count(*) FILTER (WHERE h.is_ignored) AS ignored
FROM list_leads ll LEFT JOIN hand_offs h ON h.lead_id = ll.lead_id AND h.id = ll.hand_off
WHERE ll.list = ANY (:names) GROUP BY ll.list
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """How a list stands. `said` is what was said of it, `row` its row of `lists`, by attribute."""

    said: Kept[ListEntry]
    row: Row[Any]
    team: str
    per_rep_a_day: int
    counts: dict[str, int]
    uploaded_at: datetime | None
    last_uploaded_at: datetime | None
    promise: UploadPromise | None


class ListCancelledError(Exception):
    """What waited in it has gone on with marketing."""


class ListStore:
    """Reads and edits lists. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def list(self, now: datetime, *, after: str | None = None, limit: int = 50) -> Sequence[ListPage]:
        """By name, after the name `after`. Raises `NoPlaybookError`."""
        query = select(lists).order_by(lists.c.name).limit(limit)
        return await self._pages(query if after is None else query.where(lists.c.name > after), now)

    async def get(self, name: str, now: datetime) -> ListPage | None:
        """Raises `NoPlaybookError`."""
        return next(iter(await self._pages(select(lists).where(lists.c.name == name), now)), None)

    async def edit(self, name: str, change: Change[ListEntry], *, by: By) -> Edited[ListEntry]:
        """Announce a list, or change what is said of it. Raises `RosterError` and what `change` raises."""
        async with transaction(self._engine) as connection:
            # its row first, so that two who announce it take turns
            added = insert(lists).values(name=name, created_at=by.at, created_by=by.actor).on_conflict_do_nothing()
            is_new = (await connection.execute(added)).rowcount == 1
            kept = _kept((await connection.execute(select(*_SAID).where(lists.c.name == name).with_for_update())).one())
            before = None if is_new else kept
            wanted = change(before)
            if wanted is None:
                raise RosterError(Fault("", "kept_for_good", "a list is not taken away: cancel its release"))
            edited = Edited(before=before, after=Kept(name, wanted))
            if edited.is_changed:
                await _check(connection, wanted, before.entry if before else ListEntry())
                # said anew, the upload is judged anew
                values = wanted.model_dump() | {"look_at": by.at}
                await connection.execute(update(lists).where(lists.c.name == name).values(values))
                await record(connection, "list", [(name, before, edited.after)], by)
        return edited

    async def order(self, name: str, state: ListState, by: By) -> bool:
        """Pause, resume or cancel a release; False where there is no such list. Raises `ListCancelledError`."""
        async with transaction(self._engine) as connection:
            query = select(lists.c.state).where(lists.c.name == name).with_for_update()
            standing = await connection.scalar(query)
            if standing is None:
                return False
            if standing == "cancelled" != state:
                raise ListCancelledError
            if standing != state:
                values = {"state": state, "state_at": by.at, "state_by": by.actor, "look_at": by.at}
                await connection.execute(update(lists).where(lists.c.name == name).values(values))
        return True

    async def has_read(self, name: str, *, rows: int, rejected: int, now: datetime) -> None:
        """A file of it has been imported."""
        values = {"rows_read": rows, "rows_rejected": rejected}
        statement = insert(lists).values(name=name, created_at=now, look_at=now, **values)
        async with transaction(self._engine) as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))

    async def _pages(self, query: Any, now: datetime) -> Sequence[ListPage]:
        async with transaction(self._engine) as connection:
            rows = [*await connection.execute(query)]
            counted = await connection.execute(_COUNTED, {"names": [row.name for row in rows]})
            counts = {row.list: row for row in counted}
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        shelf = await self._shelves.at_least(newest or 0)
        revision = shelf.in_force(now)
        pages = []
        for row in rows:
            found = counts.get(row.name)
            uploaded_at = found.uploaded_at if found else None
            ended_at = row.event_ended_at
            pages.append(
                ListPage(
                    said=_kept(row),
                    row=row,
                    team=team_of(revision, row.name, row.team),
                    per_rep_a_day=row.per_rep_a_day or revision.playbook.lists.per_rep_a_day,
                    counts={name: getattr(found, name, 0) for name in COUNTS},
                    uploaded_at=uploaded_at,
                    last_uploaded_at=found.last_uploaded_at if found else None,
                    promise=upload_promise(shelf, ended_at, uploaded_at, now) if ended_at else None,
                )
            )
        return pages


COUNTS = ("uploaded", "waiting", "released", "released_early", "touched", "ignored", "known", "ruled_out", "let_go")


def _kept(row: Row[Any]) -> Kept[ListEntry]:
    return Kept(row.name, ListEntry.model_construct(**{name: getattr(row, name) for name in ListEntry.model_fields}))


async def _check(connection: AsyncConnection, entry: ListEntry, before: ListEntry) -> None:
    """Whoever is named is in the roster. Raises `RosterError`."""
    faults = []
    owner, team = entry.marketing_owner, entry.team
    if owner is not None and owner != before.marketing_owner:
        is_there = exists().where(people.c.person_id == owner, people.c.is_active)
        if not await connection.scalar(select(is_there)):
            reason = "there is no active person of this id in the roster: put them into it first"
            faults.append(Fault("marketing_owner", "unknown_person", reason))
    if team is not None and team != before.team:
        is_known = await connection.scalar(select(exists().where(teams.c.team_id == team)))
        if not is_known:
            faults.append(Fault("team", "unknown_team", "there is no team of this id in the roster"))
    if faults:
        raise RosterError(*faults)
