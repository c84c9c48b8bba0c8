"""What people read of leads: lists, one lead, its timeline, and what an explanation is drawn from.

Everything goes by index. Ids are time-ordered, so that newest first is the id descending and a page ends with its id.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.entries import Book, Entry
from leads.explain import people_in
from leads.playbook_teams import NoticeMode
from leads.revisions import Shelf
from leads.state import Lead, load_state
from leads.telling.words import Delivery, Names
from storage.codec import to_entry
from storage.engine import transaction
from storage.playbooks import Shelves
from storage.tables import (
    clocks,
    hand_offs,
    identities,
    journal,
    lead_states,
    leads,
    mailboxes,
    people,
    playbook_revisions,
    teams,
)
from storage.timelines import Timeline, entries_of, read_deliveries, read_timeline

Modes = Callable[[str | None], NoticeMode]
"""How much a team is told."""
MOST_ENTRIES = 20_000
"""The longest journal an explanation reads; of a longer one only the state is explained."""
_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
"""A step that commits between two statements must not show half of itself."""


class ClockState(StrEnum):
    """How a promise stands."""

    RUNNING = "running"
    """Not due yet."""
    OVERDUE = "overdue"
    """Due, and still not kept."""
    MET = "met"
    MET_LATE = "met_late"
    """Kept, but written down so late that nobody could know."""
    BREACHED = "breached"
    DODGED = "dodged"
    """Left untouched by a way that is no clean exit."""
    CANCELLED = "cancelled"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads a list shows; what is None does not matter. `clock_state` is of `clock`, or of any clock."""

    stage: str | None = None
    team: str | None = None
    owner: str | None = None
    source: str | None = None
    clock: str | None = None
    clock_state: ClockState | None = None
    ignored: bool | None = None
    stuck: bool | None = None
    untouched: bool | None = None
    subject: str | None = None
    """The lead's key in its sender's `system`."""
    system: str = "default"


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """One lead with its hand-offs and promises. All are rows of their tables, by attribute."""

    lead: Row[Any]
    hand_offs: list[Row[Any]]
    clocks: list[Row[Any]]
    read_to: int
    last_sequence: int
    own_number: int

    @property
    def version(self) -> str:
        """Changes whenever anything a reader sees of the lead does."""
        moments = [at.timestamp() if at else 0 for at in (self.lead.updated_at, self.lead.wake_at)]
        return f"{self.read_to}-{self.last_sequence}-{self.own_number}-" + "-".join(f"{at:.6f}" for at in moments)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead's state with the journal it was folded from, and what is needed to speak of it."""

    lead: Lead
    journal: list[Entry]
    shelf: Shelf
    names: Names = field(default_factory=Names)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    unread: int = 0
    stuck_code: str | None = None
    is_complete: bool = True
    """False: the journal is too long to be read for this, and is left out."""


class LeadQueries:
    """Reads leads. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def list_leads(
        self, wanted: LeadFilter, *, now: datetime, after: UUID | None = None, limit: int = 50
    ) -> list[Row[Any]]:
        """Rows of `leads`, newest first, at most `limit`, older than the lead `after`."""
        async with transaction(self._engine) as connection:
            return [*await connection.execute(list_query(wanted, now=now, after=after, limit=limit))]

    async def get_lead(self, lead_id: UUID) -> LeadDetail | None:
        async with transaction(self._engine) as connection:
            await connection.execute(_SNAPSHOT)
            row = (await connection.execute(lead_query(lead_id))).one_or_none()
            if row is None:
                return None
            handed = [*await connection.execute(hand_offs_query(lead_id))]
            promised = [*await connection.execute(clocks_query(lead_id))]
        return LeadDetail(row, handed, promised, row.read_to or 0, row.last_sequence or 0, row.own_number or 0)

    async def modes(self, now: datetime) -> Modes:
        """How much each team is told at `now`."""
        async with transaction(self._engine) as connection:
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        if newest is None:
            return lambda _team: NoticeMode.FULL
        return (await self._shelves.at_least(newest)).in_force(now).playbook.mode_of

    async def timeline(self, lead_id: UUID, *, after: int = 0, limit: int = 100) -> Timeline | None:
        """Lines numbered above `after`, at most `limit`, and whether there are more. None where there is no lead."""
        async with transaction(self._engine) as connection:
            await connection.execute(_SNAPSHOT)
            row = (await connection.execute(lead_query(lead_id))).one_or_none()
            if row is None:
                return None
            lines, has_more = await read_timeline(connection, lead_id, after=after, limit=limit)
            named = people_in(Lead(str(lead_id)), entries_of(lines))
            named |= {line.data[key] for line in lines for key in ("owner", "was") if line.data.get(key)}
            names = await read_names(connection, named)
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        shelf = await self._shelves.at_least(newest or 0)
        return Timeline(lines, has_more, names, shelf, row.revision, row.segment)

    async def load_state(self, lead_id: UUID) -> StoredLead | None:
        """The state and what it was folded from. Raises `NoPlaybookError`."""
        async with transaction(self._engine) as connection:
            await connection.execute(_SNAPSHOT)
            row = (await connection.execute(state_query(lead_id))).one_or_none()
            if row is None:
                return None
            lead = load_state(row.state) if row.state else Lead(str(lead_id))
            rows = [*await connection.execute(read_query(lead_id, lead.read_to))]
            is_complete = len(rows) <= MOST_ENTRIES
            entries = [to_entry(found) for found in rows] if is_complete else []
            names = await read_names(connection, people_in(lead, entries))
            deliveries = await read_deliveries(connection, lead_id)
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        return StoredLead(
            lead=lead,
            journal=entries,
            shelf=await self._shelves.at_least(newest or 0),
            names=names,
            deliveries=deliveries,
            unread=(row.last_sequence or 0) - lead.read_to,
            stuck_code=row.stuck_code,
            is_complete=is_complete,
        )


def list_query(wanted: LeadFilter, *, now: datetime, after: UUID | None, limit: int) -> Select[Any]:
    """The page's ids first, its rows then: ids are found in an index alone, so that what fits is never walked past.

    What is compared stands in the statement where an index is for one value only.
    """
    if _is_of_clocks_alone(wanted):
        found = select(clocks.c.lead_id).where(*_of_clocks(wanted, now)).distinct()
    else:
        found = select(leads.c.lead_id).where(*_of_leads(wanted))
        if wanted.clock is not None or wanted.clock_state is not None:
            found = found.where(exists().where(clocks.c.lead_id == leads.c.lead_id, *_of_clocks(wanted, now)))
    lead_id = found.selected_columns.lead_id
    if after is not None:
        found = found.where(lead_id < after)
    page = found.order_by(lead_id.desc()).limit(limit).subquery("page")
    return select(leads).join(page, page.c.lead_id == leads.c.lead_id).order_by(leads.c.lead_id.desc())


def _is_of_clocks_alone(wanted: LeadFilter) -> bool:
    """Whether the promises' own indexes have the page in its order. Any promise that was met is no rare thing."""
    asks = wanted.clock is not None or wanted.clock_state not in (None, ClockState.MET)
    rest = replace(wanted, clock=None, clock_state=None, system="default")
    return asks and rest == LeadFilter()


def _of_leads(wanted: LeadFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("stage", "team", "owner", "source"):
        value = getattr(wanted, name)
        if value is not None:
            yield leads.c[name] == value
    if wanted.untouched is not None:
        yield leads.c.untouched if wanted.untouched else ~leads.c.untouched
    for name, asked in (("ignored_at", wanted.ignored), ("stuck_since", wanted.stuck)):
        if asked is not None:
            yield leads.c[name].is_not(None) if asked else leads.c[name].is_(None)
    if wanted.subject is not None:
        known = select(identities.c.entity_id).where(
            identities.c.stream == "lead",
            identities.c.system == wanted.system,
            identities.c.key == wanted.subject,
        )
        yield leads.c.lead_id == known.scalar_subquery()


def _of_clocks(wanted: LeadFilter, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.clock is not None:
        yield clocks.c.clock == wanted.clock
    match wanted.clock_state:
        case ClockState.RUNNING:
            yield from (clocks.c.ended_at.is_(None), clocks.c.due_at > now)
        case ClockState.OVERDUE:
            yield from (clocks.c.ended_at.is_(None), clocks.c.due_at <= now)
        case None:
            pass
        case outcome:
            yield clocks.c.outcome == literal(outcome.value, literal_execute=True)


def lead_query(lead_id: UUID) -> Select[Any]:
    return (
        select(leads, mailboxes.c.read_to, mailboxes.c.last_sequence, lead_states.c.own_number)
        .outerjoin(mailboxes, mailboxes.c.lead_id == leads.c.lead_id)
        .outerjoin(lead_states, lead_states.c.lead_id == leads.c.lead_id)
        .where(leads.c.lead_id == lead_id)
    )


def hand_offs_query(lead_id: UUID) -> Select[Any]:
    return select(hand_offs).where(hand_offs.c.lead_id == lead_id).order_by(hand_offs.c.number)


def clocks_query(lead_id: UUID) -> Select[Any]:
    return select(clocks).where(clocks.c.lead_id == lead_id).order_by(clocks.c.started_at, clocks.c.key)


def state_query(lead_id: UUID) -> Select[Any]:
    return (
        select(lead_states.c.state, mailboxes.c.last_sequence, leads.c.stuck_code)
        .select_from(leads)
        .outerjoin(mailboxes, mailboxes.c.lead_id == leads.c.lead_id)
        .outerjoin(lead_states, lead_states.c.lead_id == leads.c.lead_id)
        .where(leads.c.lead_id == lead_id)
    )


def read_query(lead_id: UUID, read_to: int) -> Select[Any]:
    """What the state was folded from: mail that waits, or that the core could not digest, is left out."""
    is_read = or_(journal.c.book == Book.OWN.value, journal.c.number <= read_to)
    return (
        select(journal)
        .where(journal.c.lead_id == lead_id, is_read)
        .order_by(journal.c.book, journal.c.number)
        .limit(MOST_ENTRIES + 1)
    )


async def read_names(connection: AsyncConnection, person_ids: Collection[str]) -> Names:
    """Display names of these people, and of all teams."""
    rows = await connection.execute(select(people.c.person_id, people.c.name).where(people.c.person_id.in_(person_ids)))
    found: Mapping[str, str] = {row.person_id: row.name for row in rows}
    team_rows = await connection.execute(select(teams.c.team_id, teams.c.name))
    return Names(found, {row.team_id: row.name for row in team_rows})
