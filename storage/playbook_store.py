"""The playbook's revisions for those who publish and look them up."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.playbook import Playbook
from leads.playbook_diff import Difference, differences
from leads.playbook_effective import Value, effective
from leads.playbook_names import Known, Taker, teams_and_people
from leads.running import Running, undoing
from leads.telling.words import Names
from storage.engine import transaction
from storage.playbooks import Draft, PlaybookError, publish_read, read_draft
from storage.queries import read_names
from storage.tables import people, playbook_revisions, team_members, teams

_RECORD = tuple(
    playbook_revisions.c[name]
    for name in ("number", "published_at", "in_force_from", "author", "comment", "repeats", "running")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRecord:
    """A revision without what it says."""

    number: int
    published_at: datetime
    in_force_from: datetime
    author: str
    comment: str
    repeats: int | None = None
    """The earlier revision that this one brought back."""
    running: Running = field(default_factory=Running)
    """What it does to promises under way."""


class NoSuchRevisionError(LookupError):
    """There is no revision of this number."""


class NoSuchTeamError(LookupError):
    """The roster has no team of this id."""


@dataclass(frozen=True, slots=True)
class OfTeam:
    """A revision as it holds for one team."""

    team: str
    name: str
    revision: int
    values: list[Value]


class PlaybookStore:
    """Publishes and finds revisions. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def publish(
        self,
        source: str,
        *,
        author: str,
        comment: str,
        now: datetime,
        onto: int | None = None,
        repeats: int | None = None,
        running: Running | None = None,
    ) -> RevisionRecord:
        """Publish a YAML document as the next revision, atomically. Raises `PlaybookError` with every fault.

        Teams and people named must be in the roster, or their leads would wait where nobody works. With `onto` that
        revision must be the newest still: raises `OvertakenError`. `running` says what becomes of promises under way;
        unless it is said they finish as they were.
        """
        playbook = await self.checked(source, now)
        async with transaction(self._engine) as connection:
            number = await publish_read(
                connection, playbook, source, author=author, comment=comment, now=now, onto=onto, repeats=repeats,
                running=running,
            )  # fmt: skip
            made = (await connection.execute(select(*_RECORD).where(playbook_revisions.c.number == number))).one()
        return _record(made)

    async def roll_back(
        self,
        number: int,
        *,
        author: str,
        comment: str,
        now: datetime,
        onto: int | None = None,
        running: Running | None = None,
    ) -> RevisionRecord:
        """Publish again what an earlier revision said. Raises as `publish`, and `NoSuchRevisionError`.

        It is checked as any other: what has left the roster since is a fault. Unless `running` says otherwise, promises
        that the revisions since have moved are moved back.
        """
        found = await self.revision(number)
        if found is None:
            raise NoSuchRevisionError
        running = running or undoing(await self._chosen_since(number))
        return await self.publish(
            found[1], author=author, comment=comment, now=now, onto=onto, repeats=number, running=running
        )

    async def _chosen_since(self, number: int) -> list[Running]:
        query = select(playbook_revisions.c.running).where(playbook_revisions.c.number > number)
        async with transaction(self._engine) as connection:
            return [Running.model_validate(chosen or {}) for chosen in await connection.scalars(query)]

    async def changes(self, old: int, new: int) -> list[Difference]:
        """What a revision says otherwise than another. Raises `NoSuchRevisionError`."""
        before, after = await self._as_written(old), await self._as_written(new)
        return await asyncio.to_thread(differences, before, after)

    async def changes_of(self, source: str, against: int) -> list[Difference]:
        """What a draft says otherwise than a revision. Raises `NoSuchRevisionError`, and `PlaybookError`."""
        draft = await asyncio.to_thread(lambda: read_draft(source).shaped())
        return await asyncio.to_thread(differences, await self._as_written(against), draft)

    async def effective(self, team: str, number: int | None = None) -> OfTeam:
        """What a revision, the newest if none is named, says for a team.

        Raises `NoSuchRevisionError` and `NoSuchTeamError`.
        """
        async with transaction(self._engine) as connection:
            name = await connection.scalar(select(teams.c.name).where(teams.c.team_id == team))
        if name is None:
            raise NoSuchTeamError(team)
        of_revision = await self.newest() if number is None else number
        playbook = await self._as_written(of_revision)
        return OfTeam(team, name, of_revision, await asyncio.to_thread(effective, playbook, team))

    async def newest(self) -> int:
        """Its number; 0 where none is published."""
        found = await self.revisions(before=None, limit=1)
        return found[0].number if found else 0

    async def _as_written(self, number: int) -> Playbook:
        """A revision with its holidays as its author wrote them, where they can still be read so."""
        query = select(playbook_revisions.c.source_text, playbook_revisions.c.document).where(
            playbook_revisions.c.number == number
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NoSuchRevisionError
        try:
            return await asyncio.to_thread(lambda: read_draft(row.source_text).shaped())
        except PlaybookError:
            # an earlier version took what this one refuses
            return Playbook.model_validate(row.document)

    async def checked(self, source: str, now: datetime) -> Playbook:
        """The playbook of a YAML document that could be published now. Raises `PlaybookError` with every fault."""
        draft = await asyncio.to_thread(read_draft, source)
        async with transaction(self._engine) as connection:
            known = await _known(connection, draft)
        return await asyncio.to_thread(draft.checked, now, known)

    async def revisions(self, *, before: int | None, limit: int) -> list[RevisionRecord]:
        """The newest first, numbered under `before`."""
        query = select(*_RECORD).order_by(playbook_revisions.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(playbook_revisions.c.number < before)
        async with transaction(self._engine) as connection:
            return [_record(row) for row in await connection.execute(query)]

    async def revision(self, number: int) -> tuple[RevisionRecord, str] | None:
        """A revision with its document as the admin wrote it."""
        query = select(*_RECORD, playbook_revisions.c.source_text).where(playbook_revisions.c.number == number)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else (_record(row), row.source_text)

    async def in_words(self, number: int | None) -> tuple[RevisionRecord, Playbook, Names] | None:
        """A revision, the newest without a number, with the names of the people and teams it speaks of."""
        query = select(*_RECORD, playbook_revisions.c.document).order_by(playbook_revisions.c.number.desc()).limit(1)
        if number is not None:
            query = query.where(playbook_revisions.c.number == number)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            names = await read_names(connection, teams_and_people(row.document)[1])
        return _record(row), await asyncio.to_thread(Playbook.model_validate, row.document), names


async def _known(connection: AsyncConnection, draft: Draft) -> Known:
    """Which of those a document names are in the roster, whoever has left is not."""
    named_teams, named_people = teams_and_people(draft.document)
    of_teams = select(teams.c.team_id).where(teams.c.team_id.in_(named_teams))
    of_people = select(people.c.person_id).where(people.c.person_id.in_(named_people), people.c.is_active)
    found = frozenset(await connection.scalars(of_teams))
    return Known(
        found,
        frozenset(await connection.scalars(of_people)),
        frozenset(await connection.scalars(of_teams.where(teams.c.sponsor.is_not(None)))),
        await _takers(connection, found),
    )


async def _takers(connection: AsyncConnection, found: frozenset[str]) -> dict[str, tuple[Taker, ...]]:
    """Everyone active of these teams."""
    members = await connection.execute(
        select(team_members.c.team_id, people.c.skills, people.c.territories)
        .join(people, people.c.person_id == team_members.c.person_id)
        .where(team_members.c.team_id.in_(found), people.c.is_active)
    )
    takers: dict[str, list[Taker]] = {team: [] for team in found}
    for row in members:
        takers[row.team_id].append(Taker(*(frozenset(map(str.lower, has)) for has in (row.skills, row.territories))))
    return {team: tuple(of_team) for team, of_team in takers.items()}


def _record(row: Any) -> RevisionRecord:
    return RevisionRecord(
        number=row.number,
        published_at=row.published_at,
        in_force_from=row.in_force_from,
        author=row.author,
        comment=row.comment,
        repeats=row.repeats,
        running=Running.model_validate(row.running or {}),
    )
