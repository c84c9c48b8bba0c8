"""What a preview says is what a publish with the same choice then does: to the same leads, for every choice."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from leads.decisions import BreachAnnounced, NoticeIssued
from leads.running import Choice, Running
from leads.state import Lead, load_state
from leads.what_if.effect import Told, told_by
from leads.what_if.report import NoticeChange, Preview
from storage.playbook_store import PlaybookStore
from storage.playbooks import IN_FORCE_AFTER, default_text
from storage.reading import read_all
from storage.rollout_reach import RolloutReach
from storage.rollouts import RolloutState, RolloutStore
from storage.tables import lead_states, leads
from tests.measures.kinds_of_life import KINDS
from tests.measures.moulds import live_moulds
from tests.storage.preview_desk import opened, previewed
from tests.storage.step_desk import StepDesk

NOW = datetime(2026, 6, 17, 15, tzinfo=UTC)
"""A Wednesday afternoon."""
DRAFT = (
    default_text()
    .replace("PT15M, if_arrived_closed: PT1H, ladder: hot", "PT10M, if_arrived_closed: PT30M, ladder: hot")
    .replace("next_step: {target: PT9H", "next_step: {target: PT99H")
    .replace("working: {target: P30D", "working: {target: P4D")
    .replace("      reply: {target: PT4H, ladder: gentle}\n", "")
    .replace("threshold: 50", "threshold: 5")
)
"""Some promises come sooner, some later, one ends, and marketing hands over sooner."""


@dataclass
class Happened:
    """What became of the leads, counted as a preview counts."""

    shifts: Counter[int] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    notices: Counter[Told] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)

    def count(self, before: Lead, after: Lead) -> None:
        for key, clock in after.clocks.items():
            old = before.clocks.get(key)
            if old is not None and old.is_running and not old.quiet and old.due_at != clock.due_at:
                self.shifts[round((clock.due_at - old.due_at).total_seconds())] += 1
            if clock.is_running and clock.hold is not None:
                self.held[clock.clock] += 1


async def states(desk: StepDesk) -> dict[UUID, Lead]:
    async with desk.engine.connect() as connection:
        rows = await connection.execute(
            select(lead_states.c.lead_id, lead_states.c.state).join(leads, leads.c.lead_id == lead_states.c.lead_id)
            .where(leads.c.is_open)
        )  # fmt: skip
        return {row.lead_id: load_state(row.state) for row in rows}


async def happened(desk: StepDesk, before: dict[UUID, Lead], now: datetime) -> Happened:
    """Step every lead that was open at `now`, and count what that did since `before`."""
    found = Happened()
    for lead_id in before:
        await desk.step(lead_id, now)
    async with desk.engine.connect() as connection:
        for lead_id, lead in before.items():
            state = await connection.scalar(select(lead_states.c.state).where(lead_states.c.lead_id == lead_id))
            found.count(lead, load_state(state or {}))
            for entry in await read_all(connection, lead_id):
                if entry.book != "own" or entry.number <= lead.own_number:
                    continue
                if isinstance(entry.data, NoticeIssued):
                    found.notices.update(told_by(entry.data))
                elif isinstance(entry.data, BreachAnnounced):
                    found.breaches[entry.data.clock.partition(":")[0]] += 1
                elif entry.type in ("qualified", "assigned", "queued"):
                    found.decisions[entry.type] += 1
    return found


def foretold(preview: Preview) -> Happened:
    """What a preview says, where it can be counted the same way; its shifts are compared apart."""
    found = preview.open
    return Happened(
        held=Counter(found.held.by_clock),
        breaches=Counter({each.clock: each.new for each in found.breaches if each.new}),
        notices=notices(found.notices),
        decisions=Counter({
            each.decision: each.new
            for each in found.decisions
            if each.decision in ("qualified", "assigned", "queued") and each.new
        }),
    )  # fmt: skip


def notices(changes: list[NoticeChange]) -> Counter[Told]:
    return Counter({Told(each.template, each.rung, each.role): each.new for each in changes if each.new})


async def roll_out(desk: StepDesk, running: Running) -> int:
    """Publish the draft so that it is in force at `NOW`, and reach all leads then."""
    began = NOW - IN_FORCE_AFTER
    made = await PlaybookStore(desk.engine).publish(DRAFT, author="a", comment="c", now=began, running=running)

    async def at_once(_: float) -> None: ...

    reach = RolloutReach(desk.engine, desk.store, desk.shelves, leads_a_second=10_000, pace=at_once)
    assert (await reach.go_on(made.number, lambda: NOW, seconds=60)).state is RolloutState.DONE
    return made.number


@pytest.mark.timeout(300)  # dozens of lives are lived first
@pytest.mark.parametrize("choice", list(Choice))
async def test_what_a_preview_says_of_open_leads_is_what_a_publish_does(choice: Choice, database_url: str) -> None:
    async with opened(database_url, default_text()) as desk:
        sound = [kind for kind in KINDS if kind.name != "stuck"]
        await live_moulds(desk.engine, NOW, starts=2, kinds=sound)
        running = Running(default=choice)
        before = await states(desk)

        told = await previewed(desk, DRAFT, NOW, running=running)
        number = await roll_out(desk, running)
        real = await happened(desk, before, NOW)

        shift = told.open.shift
        moves = (told.open.moved, told.open.earlier, told.open.later)
        assert told.open.looked.leads == len(before)
        assert moves == (
            real.shifts.total(),
            *(sum(n for s, n in real.shifts.items() if (s < 0) is w) for w in (True, False)),
        )
        assert (shift and (shift.least, shift.most)) == ((real.shifts and (min(real.shifts), max(real.shifts))) or None)
        said, real.shifts = foretold(told), Counter()
        assert said == real

        # and what it held back comes, once it is confirmed
        waiting = await states(desk)
        await RolloutStore(desk.engine).confirm(number, by="mira", now=NOW + timedelta(seconds=1))
        confirmed = await happened(desk, waiting, NOW + timedelta(seconds=1))
        assert confirmed.notices == notices(told.open.held.notices)
        assert confirmed.breaches.total() == told.open.held.breaches
