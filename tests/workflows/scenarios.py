"""Lives that are played on a real server: for the budget, and for the histories that later builds must replay."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

from activities.step import ActionRef, StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.builds import deploy, new_run
from tests.workflows.crossing_scenarios import (
    CROSSING,
    a_new_build_comes_while_an_end_owes,
    a_new_build_comes_while_nothing_is_due,
    a_new_build_comes_while_the_store_is_away_and_a_notice_hangs,
)
from tests.workflows.fakes import Answer, FakeMessenger, House, Seen, house, open_turn
from tests.workflows.scenario_parts import HOUR, WON, command_under_way, give, notice, ring_and_wait
from tests.workflows.seldom_scenarios import SELDOM
from workflows.lead import LONGEST_HISTORY
from workflows.lead_commands import CommandUnanswered

SOON = timedelta(seconds=2)
"""By the wall: moving a life's clock on may cost it a task more."""


async def ten_events_and_two_notices(env: LeadTestEnv, cached: int = 100) -> House:
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
    async with house(env, *turns, cached=cached) as home:
        for _ in range(3):
            await ring_and_wait(home)
        await eventually(lambda: len(home.messenger.ended) == 1)
        await eventually(lambda: len(home.messenger.ended) == 2)
        for _ in range(6):
            await ring_and_wait(home)
        await home.ring()
        await home.handle.result()
    return home


async def outage_and_put_off_notice(env: LeadTestEnv, cached: int = 100) -> House:
    """The database is away for a minute; a notice fails, is put off and sent later."""
    later = open_turn(actions=[ActionRef(notice(1).id, "notify", "2040-01-01T00:00:00+00:00")])
    away = StoreAway("away")
    messenger = FakeMessenger(says="put_off")
    async with house(
        env, away, away, away, away, open_turn(actions=[notice(1)]), later, WON, messenger=messenger, cached=cached
    ) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await home.advance(timedelta(seconds=30))
        await eventually(lambda: home.steps == 6)
        await home.ring()
        await home.handle.result()
    return home


async def commands_and_moving_alarms(env: LeadTestEnv, cached: int = 100) -> House:
    """Commands among rings; the wake moves later, earlier, and comes."""

    def answer(seen: Seen) -> StepResult:
        return seen.turn_in(HOUR, answer="granted" if seen.command_id else None)

    async def later(seen: Seen) -> StepResult:
        return seen.turn_in(3 * HOUR)

    async with house(env, later, later, answer, answer, answer, answer, WON, cached=cached) as home:
        await ring_and_wait(home)
        await ring_and_wait(home)
        await give(home)
        await home.advance(HOUR + timedelta(minutes=1))
        await home.reach(4)
        await give(home)
        await ring_and_wait(home)
        await home.ring()
        await home.handle.result()
    return home


async def ends_and_is_reopened(env: LeadTestEnv, cached: int = 100) -> House:
    """A command closes the lead and another, in the same task, opens it again; in the end it is lost."""
    closed = StepResult("ended", "disqualified", None, answer="granted", actions=[notice(1)])
    opened = open_turn("nurture", "nurturing", answer="granted", has_more=True)
    async with house(env, closed, opened, open_turn("unheard_of", "unheard_of"), WON, cached=cached) as home:
        await give(home)
        await give(home)
        await eventually(lambda: home.steps >= 3)
        await home.ring()
        await home.handle.result()
    return home


async def closed_and_reopened_in_one_breath(env: LeadTestEnv, cached: int = 100) -> House:
    """Two commands wait for the same step: one closes the lead, the other opens it again before it has ended."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    closed = StepResult("ended", "disqualified", None, answer="granted", actions=[notice(1)])
    opened = open_turn("nurture", "nurturing", answer="granted", has_more=True)
    async with house(env, slow, closed, opened, open_turn("unheard_of", "unheard_of"), WON, cached=cached) as home:
        await home.start()
        await home.reach(1)
        given = [await command_under_way(home) for _ in range(2)]
        may_end.set()
        await asyncio.gather(*given)
        await eventually(lambda: home.steps >= 4)
        await home.ring()
        await home.handle.result()
    return home


async def notices_of_every_fate(env: LeadTestEnv, cached: int = 100) -> House:
    """Sent, withdrawn, sent in a digest, parked, put off; and one that fails thrice without a word, and again later."""
    fates: list[str | Exception] = ["sent", "withdrawn", "already_done", "parked", "put_off", RuntimeError("no word")]
    told = [notice(number) for number in range(1, len(fates) + 1)]
    messenger = FakeMessenger(says_of={action.id: fate for action, fate in zip(told, fates, strict=True)})
    put_off = ActionRef(told[4].id, "notify", "2040-01-01T00:00:00+00:00")
    async with house(
        env, open_turn(actions=told), open_turn(actions=[put_off, told[5]]), messenger=messenger, cached=cached
    ) as home:
        await home.start()
        await eventually(lambda: home.steps == 2)
        await home.advance(timedelta(seconds=20))  # between its three tries
        await eventually(lambda: home.steps == 3)
        messenger.says_of.clear()
        await home.advance(timedelta(seconds=65))  # it rests for a minute
        await eventually(lambda: told[5].id in messenger.ended)
        home.store.says = [WON]
        await home.ring()
        await home.handle.result()
    return home


async def burst_of_rings(env: LeadTestEnv, cached: int = 100) -> House:
    """Forty rings while a step is under way are one more step; so are forty while nothing is."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    async with house(env, slow, open_turn(), open_turn(), WON, cached=cached) as home:
        await home.start()
        await home.reach(1)
        await asyncio.gather(*(home.ring() for _ in range(40)))
        may_end.set()
        await home.reach(2)
        await home.until("MARKER_RECORDED")
        await ring_and_wait(home)
        await home.ring()
        await home.handle.result()
    return home


async def commands_while_the_store_is_away(env: LeadTestEnv, cached: int = 100) -> House:
    """A command finds no store and fails; another is weighed while a life that found none is pausing."""
    away, granted = StoreAway("away"), open_turn(answer="granted")
    async with house(env, open_turn(), away, away, away, away, granted, WON, cached=cached) as home:
        await home.start()
        await home.until("MARKER_RECORDED")
        with suppress(CommandUnanswered):
            await give(home)
        await home.ring()
        await home.until("TIMER_STARTED")
        await eventually(lambda: home.steps == 5)
        await give(home)
        await home.ring()
        await home.handle.result()
    return home


async def a_long_life_goes_on_in_a_new_run(env: LeadTestEnv, cached: int = 100) -> House:
    """One ring after the other, with a notice under way as the history grows long."""
    messenger = FakeMessenger(hangs=True)
    async with house(env, open_turn(actions=[notice(1)]), open_turn(), messenger=messenger, cached=cached) as home:
        await home.start()
        while home.steps <= LONGEST_HISTORY // 4:
            await ring_and_wait(home)
        messenger.may_end.set()
        await new_run(home)
    return home


async def a_new_build_takes_over(env: LeadTestEnv, cached: int = 100) -> House:
    """An idle life hears of a new build with a ring, and goes on in a run of that build."""
    async with house(env, works=False, cached=cached) as home, AsyncExitStack() as stack:
        await deploy(home, stack, "1")
        await home.start()
        await home.until("TIMER_STARTED")
        await deploy(home, stack, "2")
        await new_run(home, ring=True)
    return home


async def a_new_build_takes_over_while_the_store_is_away(env: LeadTestEnv, cached: int = 100) -> House:
    """The same for a life that cannot take a step."""
    async with house(env, StoreAway("away"), works=False, cached=cached) as home, AsyncExitStack() as stack:
        await deploy(home, stack, "1")
        await home.start()
        await home.until("TIMER_STARTED")
        await deploy(home, stack, "2")
        await new_run(home, ring=True)
    return home


Scenario = Callable[..., Awaitable[House]]
BY_CHANCE = (
    a_new_build_takes_over,
    a_new_build_takes_over_while_the_store_is_away,
    a_new_build_comes_while_nothing_is_due,
    a_new_build_comes_while_an_end_owes,
    a_new_build_comes_while_the_store_is_away_and_a_notice_hangs,
)
"""How many rings these take is the server's affair."""
SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        ten_events_and_two_notices,
        outage_and_put_off_notice,
        commands_and_moving_alarms,
        ends_and_is_reopened,
        closed_and_reopened_in_one_breath,
        notices_of_every_fate,
        burst_of_rings,
        commands_while_the_store_is_away,
        a_long_life_goes_on_in_a_new_run,
        a_new_build_takes_over,
        a_new_build_takes_over_while_the_store_is_away,
        *SELDOM,
        *CROSSING,
    )
}
