"""Lives that are played on a real server: for the budget, and for the histories that later builds must replay."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

from activities.step import ActionRef, StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import Answer, FakeMessenger, House, Seen, house, open_turn
from workflows.lead_commands import LeadCommands

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=2)
"""By the wall: moving a life's clock on may cost it a task more."""
WON = StepResult("ended", "won", None)


def notice(number: int) -> ActionRef:
    return ActionRef(f"0199aaaa-0000-7000-8000-{number:012}", "notify")


async def ring_and_wait(home: House) -> None:
    """The next event comes only when the step for the last one is committed."""
    steps = home.steps
    await home.ring()
    await home.reach(steps + 1)
    while await home.count("MARKER_RECORDED") <= steps:
        await home.until("MARKER_RECORDED")


async def ten_events_and_two_notices(env: LeadTestEnv) -> House:
    """Captured, raised a hand, assigned with a notice, warned with another, touched, and so on until won."""
    promised = "first_touch due 2040-01-01T00:00:00Z"
    turns: list[Answer] = [
        open_turn("nurture", "captured"),
        open_turn("nurture", "captured"),
        lambda seen: seen.turn_in(SOON, watch=promised, actions=[notice(1)]),
        lambda seen: seen.turn_in(2 * HOUR, watch=promised, actions=[notice(2)]),  # the alarm rang
        open_turn("close_loop", "working"),
        open_turn("close_loop", "working"),
        open_turn("close_loop", "working"),
        open_turn("close_loop", "working"),
        open_turn("close_loop", "opportunity"),
        open_turn("close_loop", "opportunity"),
        WON,
    ]
    async with house(env, *turns) as home:
        for _ in range(3):
            await ring_and_wait(home)
        await eventually(lambda: len(home.messenger.ended) == 1)
        await eventually(lambda: len(home.messenger.ended) == 2)
        for _ in range(6):
            await ring_and_wait(home)
        await home.ring()
        await home.handle.result()
    return home


async def outage_and_put_off_notice(env: LeadTestEnv) -> House:
    """The database is away for a minute; a notice fails, is put off and sent later."""
    later = open_turn(actions=[ActionRef(notice(1).id, "notify", "2040-01-01T00:00:00+00:00")])
    away = StoreAway("away")
    messenger = FakeMessenger(says="put_off")
    async with house(
        env, away, away, away, away, open_turn(actions=[notice(1)]), later, WON, messenger=messenger
    ) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await home.advance(timedelta(seconds=30))
        await eventually(lambda: home.steps == 6)
        await home.ring()
        await home.handle.result()
    return home


async def commands_and_moving_alarms(env: LeadTestEnv) -> House:
    """Commands among rings; the wake moves later, earlier, and comes."""

    def answer(seen: Seen) -> StepResult:
        return seen.turn_in(HOUR, answer="granted" if seen.command_id else None)

    async def later(seen: Seen) -> StepResult:
        return seen.turn_in(3 * HOUR)

    async with house(env, later, later, answer, answer, answer, answer, WON) as home:
        desk = LeadCommands(home.client, task_queue=home.queue)
        await ring_and_wait(home)
        await ring_and_wait(home)
        await desk.give(home.lead_id, str(uuid4()))
        await home.advance(HOUR + timedelta(minutes=1))
        await home.reach(4)
        await desk.give(home.lead_id, str(uuid4()))
        await ring_and_wait(home)
        await home.ring()
        await home.handle.result()
    return home


async def ends_and_is_reopened(env: LeadTestEnv) -> House:
    """A command closes the lead and another, in the same task, opens it again; in the end it is lost."""
    closed = StepResult("ended", "disqualified", None, answer="granted", actions=[notice(1)])
    opened = open_turn("nurture", "nurturing", answer="granted", has_more=True)
    async with house(env, closed, opened, open_turn("unheard_of", "unheard_of"), WON) as home:
        desk = LeadCommands(home.client, task_queue=home.queue)
        await desk.give(home.lead_id, str(uuid4()))
        await desk.give(home.lead_id, str(uuid4()))
        await eventually(lambda: home.steps >= 3)
        await home.ring()
        await home.handle.result()
    return home


SCENARIOS: dict[str, Callable[[LeadTestEnv], Awaitable[House]]] = {
    scenario.__name__: scenario
    for scenario in (
        ten_events_and_two_notices,
        outage_and_put_off_notice,
        commands_and_moving_alarms,
        ends_and_is_reopened,
    )
}
