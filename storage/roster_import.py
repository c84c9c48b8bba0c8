"""People brought in from a file: each row taken or refused, all in one transaction."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.calendar import Calendar, place_of, reason_of
from leads.roster import MOST_MEMBERS, MOST_WEIGHT, MemberEntry, PersonEntry, RosterId, TeamEntry
from leads.roster_file import RosterRow
from storage.engine import transaction
from storage.roster_changes import By, record
from storage.roster_checks import Around, circle_faults, empty_team_warnings, open_hours, person_faults, teams_of
from storage.roster_kept import Fault, Kept, document, take_turns
from storage.roster_people import MOST_PEOPLE, read_people, write_people
from storage.roster_teams import lock_teams, read_teams, write_members

_AT_ONCE = 200
"""Rows made ready before others are let through again."""
_LONGEST_QUOTE = 100
_ID: TypeAdapter[str] = TypeAdapter(RosterId)


class Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    line: int
    person: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of each row, and whether anything was written."""

    rows: list[RowResult]
    is_applied: bool
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Plan:
    """What the rows come to, as far as it is known."""

    before: Mapping[str, Kept[PersonEntry]]
    teams: Mapping[str, Kept[TeamEntry]]
    after: dict[str, Kept[PersonEntry]] = field(default_factory=dict)
    hours: dict[Calendar | None, tuple[Calendar | None, list[Fault]]] = field(default_factory=dict)


class RosterImport:
    """Raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def people(self, rows: Sequence[RosterRow], *, partial: bool, dry_run: bool, by: By) -> Imported:
        """Take all rows or none, or with `partial` those that fit. Rows may name each other in any order."""
        async with transaction(self._engine) as connection:
            await take_turns(connection)
            plan = _Plan(await read_people(connection), await read_teams(connection))
            # thousands of rows take their time: others are not to wait for them
            members, results = await asyncio.to_thread(_weigh, rows, plan, by.at)
            refused = any(result.outcome is Outcome.REFUSED for result in results)
            if dry_run or (refused and not partial):
                return Imported(rows=results, is_applied=False)
            warnings = await _write(connection, plan, members, by)
        return Imported(rows=results, is_applied=True, warnings=tuple(warnings))


def _weigh(
    rows: Sequence[RosterRow], plan: _Plan, now: datetime
) -> tuple[dict[str, tuple[MemberEntry, ...]], list[RowResult]]:
    """The teams whose members change, and what comes of each row."""
    for row in rows:
        _read(row, plan, now)
    members = _settled(rows, plan)
    return members, [_result(row, plan, members) for row in rows]


def _read(row: RosterRow, plan: _Plan, now: datetime) -> None:
    """The person a row speaks of as they shall be, or the reasons why not."""
    if row.reasons:
        return
    was = plan.before.get(row.person)
    try:
        _ID.validate_python(row.person)
        entry = PersonEntry.model_validate((document(was.entry) if was else {}) | row.fields)
    except ValidationError as refused:
        faults = refused.errors(include_url=False, include_input=False)
        row.reasons += [f"{place_of(fault['loc']) or 'person_id'}: {reason_of(fault)}" for fault in faults]
        return
    if entry.calendar not in plan.hours:
        plan.hours[entry.calendar] = open_hours(entry.calendar, now)
    row.reasons += map(str, plan.hours[entry.calendar][1])
    row.reasons += _team_faults(row, plan)
    if not row.reasons:
        plan.after[row.person] = Kept(row.person, entry)


def _team_faults(row: RosterRow, plan: _Plan) -> Iterator[str]:
    for team, weight in (row.teams or {}).items():
        if team not in plan.teams:
            yield f"teams: there is no team {team[:_LONGEST_QUOTE]!r} in the roster"
        if weight is not None and not 1 <= weight <= MOST_WEIGHT:
            yield f"teams: a weight is from 1 to {MOST_WEIGHT}"


def _refuse_unfit(rows: Sequence[RosterRow], plan: _Plan) -> None:
    """Take out who refers to somebody that is not there, or no longer, now that their row is refused."""
    row_of = {row.person: row for row in reversed(rows)}  # the first, where a person stands there twice
    added = [person for person in plan.after if person not in plan.before]
    room = max(MOST_PEOPLE - len(plan.before), 0)
    found = {person: [f"a roster has at most {MOST_PEOPLE:,} people"] for person in added[room:]}
    while True:
        for person, reasons in found.items():
            row_of[person].reasons += reasons
            del plan.after[person]
        found = _unfit(plan, row_of)
        if not found:
            return


def _unfit(plan: _Plan, row_of: Mapping[str, RosterRow]) -> dict[str, list[str]]:
    """Whose row does not fit, and why; also those who refer to one of them, and so on."""
    everyone = {**plan.before, **plan.after}
    around = Around(
        {name: kept.entry.is_active for name, kept in everyone.items()},
        {name: kept.entry.manager for name, kept in everyone.items()},
    )
    found: dict[str, list[str]] = {}
    relying: dict[str, list[tuple[str, str]]] = {}
    for name, kept in plan.after.items():
        for fault in person_faults(name, kept.entry, around):
            named = row_of.get(getattr(kept.entry, fault.place) or "")
            is_refused = fault.code == "unknown_person" and named is not None
            found.setdefault(name, []).append(_refused(fault.place, named) if is_refused and named else str(fault))
        for place, other in (("manager", kept.entry.manager), ("deputy", kept.entry.deputy)):
            if other is not None and other not in plan.before:
                relying.setdefault(other, []).append((name, place))
    for name, fault in circle_faults(around.manager_of):
        was = plan.before.get(name)
        # who is in a circle that others made is not to blame
        if name in plan.after and (was is None or was.entry.manager != plan.after[name].entry.manager):
            found.setdefault(name, []).append(str(fault))
    refused = [*found]
    for gone in refused:
        for name, place in relying.get(gone, ()):
            if name not in found:
                found[name] = [_refused(place, row_of[gone])]
                refused.append(name)
    return found


def _refused(place: str, row: RosterRow) -> str:
    return f"{place}: '{row.person}' is refused on line {row.line}"


def _settled(rows: Sequence[RosterRow], plan: _Plan) -> dict[str, tuple[MemberEntry, ...]]:
    """The teams whose members change, once every row that does not fit is refused."""
    while True:
        _refuse_unfit(rows, plan)
        count = len(plan.after)
        members = _members(rows, plan)
        if len(plan.after) == count:
            return members


def _around(plan: _Plan) -> Around:
    everyone = {**plan.before, **plan.after}
    return Around(
        {name: kept.entry.is_active for name, kept in everyone.items()},
        {name: kept.entry.manager for name, kept in everyone.items()},
    )


def _said(fault: Fault, entry: PersonEntry, line_of: Mapping[str, RosterRow]) -> str:
    row = line_of.get(getattr(entry, fault.place) or "") if fault.code == "unknown_person" else None
    return f"{fault.place}: '{row.person}' is refused on line {row.line}" if row else str(fault)


def _members(rows: Iterable[RosterRow], plan: _Plan) -> dict[str, tuple[MemberEntry, ...]]:
    """The teams whose members change, as they shall be; newcomers come last."""
    wanted = {team: {one.person: one.weight for one in kept.entry.members} for team, kept in plan.teams.items()}
    for row in rows:
        if row.teams is None or row.reasons:
            continue
        if fault := _full(row.person, row.teams, wanted):
            row.reasons.append(fault)
            plan.after.pop(row.person, None)
            continue
        for team, members in wanted.items():
            if team not in row.teams:
                members.pop(row.person, None)
            else:
                members[row.person] = row.teams[team] or members.get(row.person, 1)
    made = {
        team: tuple(MemberEntry.model_construct(person=person, weight=weight) for person, weight in members.items())
        for team, members in wanted.items()
    }
    return {team: members for team, members in made.items() if members != plan.teams[team].entry.members}


def _full(person: str, teams: Iterable[str], wanted: Mapping[str, Mapping[str, int]]) -> str | None:
    for team in teams:
        if person not in wanted[team] and len(wanted[team]) >= MOST_MEMBERS:
            return f"teams: the team '{team}' has {MOST_MEMBERS} members, and no more"
    return None


def _result(row: RosterRow, plan: _Plan, members: Mapping[str, tuple[MemberEntry, ...]]) -> RowResult:
    if row.reasons:
        return RowResult(row.line, row.person, Outcome.REFUSED, tuple(row.reasons))
    was, shall = plan.before.get(row.person), plan.after[row.person]
    if was is None:
        return RowResult(row.line, row.person, Outcome.ADDED)
    places = ((plan.teams[team].entry.members, made) for team, made in members.items())
    moves = any(_weight(row.person, old) != _weight(row.person, new) for old, new in places)
    is_changed = moves or was.version != shall.version
    return RowResult(row.line, row.person, Outcome.CHANGED if is_changed else Outcome.UNCHANGED)


def _weight(person: str, members: Iterable[MemberEntry]) -> int | None:
    return next((member.weight for member in members if member.person == person), None)


async def _write(
    connection: AsyncConnection, plan: _Plan, members: Mapping[str, tuple[MemberEntry, ...]], by: By
) -> list[str]:
    """Write what differs. What is worth a warning afterwards."""
    edits = [(name, plan.before.get(name), kept) for name, kept in plan.after.items()]
    edits = [edit for edit in edits if edit[1] is None or edit[1].version != edit[2].version]
    written = [(kept, plan.hours[kept.entry.calendar][0]) for _, _, kept in edits]
    for start in range(0, len(written), _AT_ONCE):
        await write_people(connection, written[start : start + _AT_ONCE], by.at)
    await record(connection, "person", edits, by)
    await lock_teams(connection, [*members])
    moved = []
    for team, made in members.items():
        before = plan.teams[team]
        await write_members(connection, team, made)
        moved.append((team, before, Kept(team, before.entry.model_copy(update={"members": made}))))
    await record(connection, "team", moved, by)
    left = [name for name, _, kept in edits if not kept.entry.is_active]
    return await empty_team_warnings(connection, {*members, *await teams_of(connection, left)})
