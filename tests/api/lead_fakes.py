"""Leads, commands and the desk they are given at, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from leads.playbook_teams import NoticeMode
from storage.commands import VALID_FOR, NewCommand, NoSuchLeadError, NotInRosterError, StoredCommand
from storage.engine import DatabaseAwayError
from storage.playbook_store import NoSuchTeamError
from storage.queries import LeadDetail, LeadFilter, Modes, StoredLead
from storage.shadow_report import ShadowReport
from storage.timelines import Timeline
from workflows.lead_commands import CommandUnanswered

LEAD = UUID("01990000-0000-7000-8000-000000000001")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_ROW: dict[str, Any] = {
    "lead_id": LEAD, "stage": "assigned", "stage_since": AT, "is_open": True, "is_counted": True, "segment": "hot",
    "team": "sales", "owner": "ana", "queue": None, "source": "website", "captured_at": AT, "due_at": AT,
    "due_clock": "first_touch", "ignored_at": None, "untouched": True, "wake_at": AT, "stuck_since": None,
    "stuck_code": None, "score": 0, "name": "Ada Lovelace", "company": None, "email": "ada@example.com", "phone": None,
    "created_at": AT, "updated_at": AT, "revision": 1,
}  # fmt: skip


def lead_row(**changes: Any) -> Any:
    return SimpleNamespace(**(_ROW | changes))


def detail(**changes: Any) -> LeadDetail:
    return LeadDetail(lead_row(**changes), [], [], read_to=2, last_sequence=3, own_number=4)


@dataclass
class FakeLeads:
    """What is asked of lists is kept in `asked`; details, timelines and states are as given."""

    rows: list[Any] = field(default_factory=list)
    details: dict[UUID, LeadDetail] = field(default_factory=dict)
    timelines: dict[UUID, Timeline] = field(default_factory=dict)
    states: dict[UUID, StoredLead] = field(default_factory=dict)
    asked: list[LeadFilter] = field(default_factory=list)
    mode: dict[str, NoticeMode] = field(default_factory=dict)
    """By team; the others are told all."""
    away: bool = False

    async def list_leads(
        self, wanted: LeadFilter, *, now: datetime, after: UUID | None = None, limit: int = 50
    ) -> list[Any]:
        self._answers()
        assert now.tzinfo is not None
        self.asked.append(wanted)
        newest = sorted(self.rows, key=lambda row: row.lead_id, reverse=True)
        return [row for row in newest if after is None or row.lead_id < after][:limit]

    async def get_lead(self, lead_id: UUID) -> LeadDetail | None:
        self._answers()
        return self.details.get(lead_id)

    async def modes(self, now: datetime) -> Modes:
        self._answers()
        assert now.tzinfo is not None
        return lambda team: self.mode.get(team or "", NoticeMode.FULL)

    async def timeline(self, lead_id: UUID, *, after: int = 0, limit: int = 100) -> Timeline | None:
        self._answers()
        found = self.timelines.get(lead_id)
        if found is None:
            return None
        lines = [line for line in found.lines if line.number > after]
        return replace(found, lines=lines[:limit], has_more=len(lines) > limit)

    async def load_state(self, lead_id: UUID) -> StoredLead | None:
        self._answers()
        return self.states.get(lead_id)

    def _answers(self) -> None:
        if self.away:
            raise DatabaseAwayError


@dataclass
class FakeCommands:
    """Commands by id, for the leads there are."""

    leads: set[UUID] = field(default_factory=set)
    stored: dict[UUID, StoredCommand] = field(default_factory=dict)
    not_in_roster: str | None = None
    """What is said of a new command's taker; None: everybody is known."""
    only_teams: dict[str, str] = field(default_factory=dict)
    """By person: the one team they are in."""

    async def put(self, asked: NewCommand, now: datetime) -> StoredCommand:
        if asked.command_id not in self.stored:
            if asked.lead_id not in self.leads:
                raise NoSuchLeadError
            if self.not_in_roster is not None:
                raise NotInRosterError(self.not_in_roster)
            body, team = asked.body, self.only_teams.get(asked.body.get("owner", ""))
            if asked.leaves_team_open and team is not None:
                body = body | {"team": team}
            self.stored[asked.command_id] = StoredCommand(
                command_id=asked.command_id, lead_id=asked.lead_id, name=asked.name, body=body,
                actor=asked.actor, created_at=now, expires_at=now + VALID_FOR, state="pending",
            )  # fmt: skip
        return self.stored[asked.command_id]

    async def read(self, command_id: UUID) -> StoredCommand | None:
        return self.stored.get(command_id)

    def answer(self, command_id: UUID, state: str, reason: str | None = None) -> None:
        """What a step does."""
        self.stored[command_id] = replace(self.stored[command_id], state=state, reason=reason)


@dataclass
class FakeDesk:
    """Does with each command what it is told to; ids given are kept."""

    weigh: Callable[[UUID], None] | None = None
    """None: Temporal is away."""
    loses_answers: bool = False
    given: list[tuple[str, str]] = field(default_factory=list)

    async def give(self, lead_id: str, command_id: str) -> str:
        self.given.append((lead_id, command_id))
        if self.weigh is None:
            raise CommandUnanswered("temporal_away")
        self.weigh(UUID(command_id))
        if self.loses_answers:
            raise CommandUnanswered("no_answer_in_time")
        return "granted"


@dataclass
class FakeReports:
    """Reports by team; what is asked is kept in `asked`."""

    reports: dict[str, ShadowReport] = field(default_factory=dict)
    asked: list[tuple[str, date]] = field(default_factory=list)

    async def report(self, team: str, since: date, now: datetime, /) -> ShadowReport:
        assert now.tzinfo is not None
        self.asked.append((team, since))
        if team not in self.reports:
            raise NoSuchTeamError(team)
        return self.reports[team]
