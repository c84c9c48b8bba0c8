"""Commands as they are kept: what was asked, by whom, until when it may be granted, and the answer.

The row is written by whoever is asked, weighed and answered by the lead's next step, and read for the answer. Free text
stays in it. What the roster knows and the lead does not is settled here: who may take a lead, and in which team.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Row, Text, Uuid, and_, exists, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.engine import transaction
from storage.tables import commands, leads, people, team_members, teams

VALID_FOR = timedelta(seconds=10)
"""A command not weighed by then is expired, and never granted later."""
_OF_A_PERSON = frozenset({"accept", "claim", "touch"})
"""Commands whose actor takes the lead, or reached out: somebody of the roster."""


class NoSuchLeadError(Exception):
    """There is no lead to give this command to."""


class NotInRosterError(Exception):
    """The command would give the lead to a person or team as the roster does not have them; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    command_id: UUID
    lead_id: UUID
    name: str
    body: dict[str, Any]
    actor: str

    @property
    def leaves_team_open(self) -> bool:
        """Whether it gives the lead to a person without saying as a member of which team."""
        return self.name == "reassign" and "owner" in self.body and "team" not in self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand(NewCommand):
    """A command with its answer: `state` is pending, granted, refused or expired."""

    created_at: datetime
    expires_at: datetime
    state: str
    reason: str | None = None
    """Why it was refused."""

    def repeats(self, asked: NewCommand) -> bool:
        """Whether `asked` is the same command, sent again; a team that was filled in makes no other one of it."""
        same = ("command_id", "lead_id", "name", "actor")
        body = asked.body
        if asked.leaves_team_open and "team" in self.body:
            body = body | {"team": self.body["team"]}
        return self.body == body and all(getattr(self, name) == getattr(asked, name) for name in same)


class CommandStore:
    """Keeps and finds commands. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, asked: NewCommand, now: datetime) -> StoredCommand:
        """Store a command, or find what stands under its id. Raises `NoSuchLeadError` and `NotInRosterError`.

        A lead given to a person who is in one team only is given to them in that team; the stored body says so.
        """
        known = {"lead": exists().where(leads.c.lead_id == asked.lead_id)} | _takers(asked)
        row = select(
            literal(asked.command_id, Uuid), literal(asked.lead_id, Uuid), literal(asked.name, Text),
            _completed(asked), literal(asked.actor, Text), literal(now, DateTime(timezone=True)),
            literal(now + VALID_FOR, DateTime(timezone=True)),
        ).where(and_(*known.values()))  # fmt: skip
        columns = ["command_id", "lead_id", "name", "body", "actor", "created_at", "expires_at"]
        statement = insert(commands).from_select(columns, row).on_conflict_do_nothing()
        async with transaction(self._engine) as connection:
            await connection.execute(statement)
            found = (await connection.execute(_by_id(asked.command_id))).one_or_none()
            if found is None:
                await _refuse(connection, asked, known)
        return _stored(found)

    async def read(self, command_id: UUID) -> StoredCommand | None:
        async with transaction(self._engine) as connection:
            found = (await connection.execute(_by_id(command_id))).one_or_none()
        return None if found is None else _stored(found)


def _completed(asked: NewCommand) -> ColumnElement[Any]:
    """The body, with the only team of the new owner: by it a lead given to a closer is known as a hand-off to them."""
    body = literal(asked.body, JSONB)
    if not asked.leaves_team_open:
        return body
    only_team = (
        select(func.jsonb_build_object("team", func.min(team_members.c.team_id)))
        .where(team_members.c.person_id == asked.body["owner"])
        .having(func.count() == 1)
    )
    return body.concat(func.coalesce(only_team.scalar_subquery(), literal({}, JSONB)))


def _takers(asked: NewCommand) -> dict[str, ColumnElement[bool]]:
    """How the roster must have whoever takes the lead or touched it, each by the sentence that says it has not."""
    person = asked.actor if asked.name in _OF_A_PERSON else asked.body.get("owner")
    team = asked.body.get("team")
    found: dict[str, ColumnElement[bool]] = {}
    if person is not None:
        is_there = exists().where(people.c.person_id == person, people.c.is_active)
        found[f"there is no active person '{person}' in the roster"] = is_there
    if team is not None:
        found[f"there is no team '{team}' in the roster"] = exists().where(teams.c.team_id == team)
    if person is not None and team is not None:
        is_member = exists().where(team_members.c.team_id == team, team_members.c.person_id == person)
        sentence = (
            f"'{person}' is not in the team '{team}': leave the team out, or put them into it in the roster first"
        )
        # of a person or a team that is not known it is enough to say that
        found[sentence] = or_(is_member, *(not_(is_there) for is_there in found.values()))
    return found


async def _refuse(connection: AsyncConnection, asked: NewCommand, known: Mapping[str, ColumnElement[bool]]) -> NoReturn:
    """Say what kept a command from being stored."""
    lead, *takers = (await connection.execute(select(*known.values()))).one()
    _, *sentences = known
    missing = [sentence for sentence, is_there in zip(sentences, takers, strict=True) if not is_there]
    if lead and missing:
        raise NotInRosterError("; ".join(missing))
    raise NoSuchLeadError(f"there is no lead {asked.lead_id}")


def _by_id(command_id: UUID) -> Any:
    return select(commands).where(commands.c.command_id == command_id)


def _stored(row: Row[Any]) -> StoredCommand:
    return StoredCommand(
        command_id=row.command_id,
        lead_id=row.lead_id,
        name=row.name,
        body=row.body,
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=row.state,
        reason=(row.answer or {}).get("reason"),
    )
