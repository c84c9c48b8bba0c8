"""A lead that sleeps for a year wakes on its day, and costs next to nothing until then."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from tests.journeys.world import World, captured_with_a_raised_hand
from tests.workflows.fakes import kinds
from tests.workflows.runs import chain_of_runs
from workflows.front_door import lead_workflow_id
from workflows.pace import SPREAD

YEAR = timedelta(days=365)
AN_HOUR = timedelta(hours=1)
EVENTS_OF_A_TIMER = 5
"""Started, fired, and the task it fires: scheduled, started, completed."""
EVENTS_OF_A_LOOK = EVENTS_OF_A_TIMER + 1
"""With the step's marker."""


@dataclass
class Spent:
    """What a lead has cost so far."""

    steps: int
    events: Counter[str]

    def __sub__(self, other: "Spent") -> tuple[int, int]:
        """Steps and history events since."""
        return self.steps - other.steps, (self.events - other.events).total()


async def spent(lead: World) -> Spent:
    events: Counter[str] = Counter()
    async for run in chain_of_runs(lead.house.client, lead_workflow_id(str(lead.lead_id))):
        events.update(kinds(list(run.history.events)))
    return Spent(len(lead.doors.seconds), events)


async def worked_on(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    await lead.all_is_sent()


async def test_recycled_for_a_year_it_is_taken_up_again_on_its_day(lead: World) -> None:
    await worked_on(lead)
    wakes_at = await lead.now() + YEAR
    assert await lead.command("recycle", "ana", reason="bad_timing", wake_at=wakes_at.isoformat()) == "granted"
    before = await spent(lead)

    await lead.until(wakes_at - AN_HOUR)
    # not one look; the timer of a promise that no longer holds fires once, and is set for the rest
    assert (await spent(lead)) - before == (0, EVENTS_OF_A_TIMER)
    assert "nurtured" not in await lead.decisions()

    await lead.until(wakes_at + SPREAD.spread)
    [taken_up] = [row for row in await lead.journal_rows() if row.type == "nurtured"]
    assert wakes_at <= taken_up.effective_at <= wakes_at + SPREAD.spread
    assert (await spent(lead)) - before == (1, EVENTS_OF_A_TIMER + EVENTS_OF_A_LOOK)


async def test_snoozed_for_a_year_its_promises_go_on_on_that_day(lead: World) -> None:
    await worked_on(lead)
    wakes_at = await lead.now() + YEAR
    assert await lead.command("snooze", "ana", until=wakes_at.isoformat(), reason="on a long journey") == "granted"
    [snooze] = [row for row in await lead.journal_rows() if row.type == "snooze"]
    next_step = await lead.clock("next_step")
    used = snooze.effective_at - next_step.started_at
    before = await spent(lead)

    await lead.until(next_step.due_at - AN_HOUR)
    assert (
        next_step.due_at == wakes_at + timedelta(hours=9) - used
    )  # promised within nine hours, of which a few are used
    assert (await spent(lead)) - before == (0, EVENTS_OF_A_TIMER)

    await lead.until(next_step.due_at + timedelta(seconds=1))
    assert (await lead.clock("next_step")).announced_at == next_step.due_at


async def test_with_nothing_due_it_is_looked_at_every_thirty_days(lead: World) -> None:
    await worked_on(lead)
    await lead.hears("lead.opportunity_opened", opportunity="O-1", by="ana")
    await lead.after(days=10)  # the next step was due, and all rungs of its ladder have fired
    await lead.all_is_sent()
    before = await spent(lead)

    await lead.after(days=360)

    assert (await spent(lead)) - before == (12, 12 * EVENTS_OF_A_LOOK)
    assert await lead.is_alive()
    assert (await lead.lead()).wake_at - await lead.now() <= timedelta(days=30)
