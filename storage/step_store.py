"""A step: one transaction that reads a lead's unread mail, lets the core take a turn, and writes what came of it.

Lock, look, read; the core asks, the step answers; then journal, timeline, clocks, actions, state, and `read_to` with
the last statement. Run twice it changes nothing the second time. Statements travel in pipelines: most steps need two
round trips.
"""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.accounts import AccountFacts, AskAccount
from leads.commands import COMMANDS
from leads.decisions import OwnerStanding, RecentOwner
from leads.lifecycle import Ask, AskJournal, Phase, Question, Turn, advance, phase_of
from leads.own_hours import MOST_ABSENCES, AskHours
from leads.revisions import NoPlaybookError, Shelf
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker, Member
from leads.stages import Stage
from leads.state import RULES_VERSION, Lead, OwnHours, load_state
from storage import accounts_sql, team_rows, turn_rows, turn_sql
from storage.accounts_sql import facts_among
from storage.codec import to_entry
from storage.engine import DatabaseAwayError
from storage.kept_rows import Kept
from storage.pipeline import Answer, Pipeline, pipelined
from storage.playbooks import Shelves
from storage.standings import READ_STANDING, standing_of
from storage.turn_rows import DueAction
from storage.turn_writer import TurnWriter

MAIL_LIMIT = 500
"""How much mail one step folds; with more unread nothing is decided."""
STUCK_RETRY_AFTER = timedelta(minutes=5)
ADOPTED = "playbook.adopted"
RING_BEFORE_WAKE = timedelta(seconds=90)
"""How long before its wake a lead is rung whose alarm was moved to an earlier instant by somebody else."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step came to, for whoever keeps time."""

    phase: Phase
    stage: Stage
    wake_at: datetime | None
    actions: list[DueAction] = field(default_factory=list)
    has_more: bool = False
    answer: str | None = None
    """To a command: granted, refused or expired."""
    due_clock: str | None = None
    due_at: datetime | None = None
    entries_folded: int = 0
    refolded: bool = False
    stuck_code: str | None = None
    is_exact: bool = False
    """It wakes for an action, before anything else matters."""
    has_news: bool = False
    """There are actions that this step has issued."""
    has_adopted: bool = False
    """What was promised has been moved to another revision."""


class UnknownLeadError(Exception):
    """There is no lead of this id."""


@dataclass(frozen=True, slots=True)
class _Command:
    """A command as its row says: to be weighed now, or answered already."""

    command_id: UUID
    ask: Ask | None
    known_answer: str | None
    is_new: bool = False


def adoptable(shelf: Shelf, withheld: Sequence[int] | None) -> frozenset[int]:
    """Revisions that leads take over at their next step: all that move promises, but for those that are stopped."""
    return frozenset(revision.number for revision in shelf.reaching).difference(withheld or ())


def ring_at(wake_at: datetime | None, was_to_wake_at: datetime | None, now: datetime) -> datetime | None:
    """When a lead is rung whose next wake somebody else has moved; None while its own alarm is early enough."""
    if wake_at is None or (was_to_wake_at is not None and wake_at >= was_to_wake_at):
        return None
    return max(now, wake_at - RING_BEFORE_WAKE)


class StepStore:
    """Takes steps on the database. One per process; safe to share between tasks."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def take_step(
        self, lead_id: UUID, now: datetime, command_id: UUID | None = None, *, aside: bool = False
    ) -> Taken:
        """One step at `now`, weighing a command if one is given.

        `aside`: taken by somebody else than the lead's own life, which is rung for what is to be done, and shortly
        before it is to wake if that is sooner than it knows.
        A lead on whose mail the core fails is marked stuck, its mail left unread. Raises `DatabaseAwayError` (nothing
        is known of the transaction: step again) and `UnknownLeadError`.
        """
        while True:
            try:
                async with pipelined(self._engine) as pipeline:
                    step = _Step(pipeline, self._shelves, lead_id, now)
                    taken = await step.take(command_id)
                    if aside:
                        step.have_rung(taken)
            except (DatabaseAwayError, UnknownLeadError, NoPlaybookError):
                raise
            except Exception as error:  # noqa: BLE001 - one lead's indigestible mail must not stop the others
                return await self._mark_stuck(lead_id, now, error)
            if command_id is None or not taken.has_more:
                return taken

    async def _mark_stuck(self, lead_id: UUID, now: datetime, error: Exception) -> Taken:
        """The error's class is all that is kept of it: its message may quote what a person wrote."""
        code, wake_at = type(error).__name__, now + STUCK_RETRY_AFTER
        log.error("lead_stuck", lead_id=str(lead_id), code=code, exc_info=error)
        async with pipelined(self._engine) as pipeline:
            marked = pipeline.send(turn_sql.STUCK, lead_id=lead_id, now=now, code=code, wake_at=wake_at)
        if marked.first is None:
            raise UnknownLeadError(f"there is no lead {lead_id}")
        stage = Stage(marked.first.stage)
        return Taken(phase_of(stage), stage, wake_at, stuck_code=code)


class _Step:
    """One step under way: the transaction it runs in, and what it has found so far."""

    def __init__(self, pipeline: Pipeline, shelves: Shelves, lead_id: UUID, now: datetime) -> None:
        self._pipeline = pipeline
        self._shelves = shelves
        self._lead_id = lead_id
        self._now = now
        self._read_to = 0
        self._was_to_wake: datetime | None = None
        self._asked: Counter[str] = Counter()
        """Burdens asked for in this step: each question is followed by a decision that is not in the database yet."""

    async def take(self, command_id: UUID | None) -> Taken:
        look, undone, rows = await self._look()
        mail, has_more = [to_entry(row) for row in rows[:MAIL_LIMIT]], len(rows) > MAIL_LIMIT
        lead = load_state(look.state) if look.state else Lead(str(self._lead_id))
        self._read_to, self._was_to_wake = look.read_to, look.wake_at
        is_upgrade = lead.rules_version != RULES_VERSION
        command = await self._command(command_id) if command_id is not None and not has_more else None
        before = Kept.of(lead, self._now)
        shelf = await self._shelves.at_least(look.newest_revision or 0)
        life = advance(
            lead,
            mail,
            self._now,
            shelf,
            ask=command.ask if command else None,
            undone=frozenset(action.key for action in undone if action.may_withdraw),
            may_decide=not has_more,
            adopts=adoptable(shelf, look.withheld),
        )
        turn = await self._drive(life)
        wake_at, due_actions = turn_rows.actions_due(self._lead_id, turn, undone, self._now)
        writer = TurnWriter(self._pipeline, self._lead_id, self._now, cause="upgrade" if is_upgrade else "late_fact")
        is_news = bool(mail) or look.stuck_since is not None
        writer.write(turn, before.in_doubt() if is_upgrade else before, wake_at=wake_at, is_news=is_news)
        answer = self._answer(command, turn) if command else None
        due = turn_rows.next_due(turn.lead)
        return Taken(
            phase=turn.phase,
            stage=turn.lead.stage,
            wake_at=wake_at,
            actions=due_actions,
            has_more=has_more,
            answer=answer,
            due_clock=due.clock if due else None,
            due_at=due.due_at if due else None,
            entries_folded=len(mail),
            refolded=turn.refolded,
            is_exact=wake_at != turn.wake_at,
            has_adopted=any(entry.type == ADOPTED for entry in turn.entries),
            has_news=bool(turn_rows.action_rows(self._lead_id, turn)),
        )

    def have_rung(self, taken: Taken) -> None:
        """Have the lead's own life rung for what this step has left to it.

        Not all at once: thousands of leads may wake sooner now, and each is in time shortly before.
        """
        is_urgent = taken.has_news or taken.has_more
        rings_at = self._now if is_urgent else ring_at(taken.wake_at, self._was_to_wake, self._now)
        if rings_at is not None:
            self._send(turn_sql.RING_ASIDE, ring_at=rings_at)

    async def _look(self) -> tuple[Any, list[Any], list[Any]]:
        """How the lead stands, its actions still under way, and its unread mail."""
        self._send(turn_sql.LOCK)
        look = self._send(turn_sql.LOOK)
        undone = self._send(turn_sql.UNDONE)
        mail = self._send(turn_sql.READ_MAIL, limit=MAIL_LIMIT + 1)
        await self._pipeline.flush()
        if look.first is None:
            raise UnknownLeadError(f"there is no lead {self._lead_id}")
        return look.first, undone.rows, mail.rows

    async def _drive(self, life: Generator[Question, Any, Turn]) -> Turn:
        """Let the core take its turn, answering what it asks."""
        answer: Any = None
        while True:
            try:
                question = life.send(answer)
            except StopIteration as done:
                turn: Turn = done.value
                return turn
            match question:
                case AskMembers():
                    answer = await self._members(question)
                case AskBurden():
                    answer = await self._burden(question.person)
                case AskHours():
                    answer = await self._hours(question)
                case AskOwner() | AskTaker():
                    answer = await self._standing(question.person)
                case AskAccount():
                    answer = await self._account(question.keys)
                case AskCompany():
                    answer = await self._recent_owner(question)
                case AskJournal():
                    journal = self._send(turn_sql.READ_JOURNAL, read_to=self._read_to)
                    await self._pipeline.flush()
                    answer = [to_entry(row) for row in journal.rows]

    async def _members(self, question: AskMembers) -> list[Member]:
        """The team as the roster knows it, locked until the step commits."""
        asked = team_rows.params_of(question)
        self._send(turn_sql.LOCK_TEAM, **asked)
        members = self._send(turn_sql.READ_MEMBERS, **asked)
        await self._pipeline.flush()
        return [team_rows.member(row, question) for row in members.rows]

    async def _hours(self, asked: AskHours) -> OwnHours:
        found = self._send(turn_sql.READ_HOURS, person=asked.person, since=asked.since, most=MOST_ABSENCES)
        await self._pipeline.flush()
        return turn_rows.hours_of(found.first)

    async def _burden(self, person: str) -> int:
        """How often this person was asked for feedback in the 24 hours before now, by this step too.

        Asked after all teams, so that steps do not wait for each other in a circle. Two that ask about the same two
        people in opposite order could: the database then ends one of them, and it is taken again.
        """
        self._send(turn_sql.LOCK_BURDEN, person=person)
        burden = self._send(turn_sql.READ_BURDEN, person=person)
        await self._pipeline.flush()
        asked: int = burden.first.asked + self._asked[person]
        self._asked[person] += 1
        return asked

    async def _standing(self, person: str) -> OwnerStanding:
        found = self._send(READ_STANDING, person=person)
        await self._pipeline.flush()
        return standing_of(found.rows)

    async def _account(self, keys: Sequence[str]) -> AccountFacts | None:
        found = self._send(accounts_sql.FIND, keys=list(keys))
        await self._pipeline.flush()
        return facts_among(found.rows, keys)

    async def _recent_owner(self, asked: AskCompany) -> RecentOwner | None:
        """Until this step commits, no other lead of the company asks."""
        self._send(accounts_sql.LOCK_COMPANY, keys=list(asked.keys))
        found = self._send(accounts_sql.READ_RECENT, keys=list(asked.keys), since=asked.since)
        await self._pipeline.flush()
        return RecentOwner(person=found.first.owner, team=found.first.team) if found.first else None

    async def _command(self, command_id: UUID) -> _Command:
        found = self._send(turn_sql.READ_COMMAND, command_id=command_id)
        await self._pipeline.flush()
        row = found.first
        if row is None:
            return _Command(command_id, None, "refused")
        if row.state != "pending":
            return _Command(command_id, None, row.state)
        if row.is_over:
            return _Command(command_id, None, "expired", is_new=True)
        command = COMMANDS[row.name].model_validate(row.body)
        ask = Ask(str(command_id), command, row.actor, frozenset(row.manages))
        return _Command(command_id, ask, None, is_new=True)

    def _answer(self, command: _Command, turn: Turn) -> str:
        """Write the answer into the command's row, once; later askers read it there."""
        if not command.is_new:
            return command.known_answer or "refused"
        state = command.known_answer or ("refused" if turn.refusal else "granted")
        answer = {"answer": state} | ({"reason": turn.refusal} if turn.refusal else {})
        self._send(turn_sql.ANSWER_COMMAND, command_id=command.command_id, state=state, answer=Jsonb(answer))
        return state

    def _send(self, statement: str, **params: Any) -> Answer:
        return self._pipeline.send(statement, lead_id=self._lead_id, now=self._now, **params)
