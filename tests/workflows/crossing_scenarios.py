"""Lives in which one thing comes while another is under way."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.step import StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.builds import act, deploy, hear_of_new_build, new_run
from tests.workflows.fakes import FakeMessenger, House, Seen, house, open_turn
from tests.workflows.scenario_parts import HOUR, WON, command_under_way, give, notice
from workflows.lead_commands import CommandUnanswered

SHORT_TASK = timedelta(seconds=2)
"""A step that takes longer than four fifths of it goes on in a further task, with what has come meanwhile."""
AWAY = ApplicationError("store_away", type="store_away", non_retryable=True)


async def a_ring_comes_while_a_step_reads(env: LeadTestEnv, cached: int = 100) -> House:
    """It is answered by a step of its own; so is the next, unless more mail is unread anyway."""
    may_end = asyncio.Event()
    more_mail = open_turn(has_more=True)
    may_end_again = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    async def slow_again(_seen: Seen) -> StepResult:
        await may_end_again.wait()
        return more_mail

    async with house(env, slow, slow_again, WON, cached=cached) as home:
        await home.start(task_timeout=SHORT_TASK)
        await home.reach(1)
        await home.ring()
        await home.until("WORKFLOW_TASK_STARTED", 2)
        may_end.set()
        await home.reach(2)
        tasks = await home.count("WORKFLOW_TASK_STARTED")
        await home.ring()
        await home.until("WORKFLOW_TASK_STARTED", tasks + 1)
        may_end_again.set()
        await home.handle.result()
    return home


async def rings_come_while_a_command_is_weighed(env: LeadTestEnv, cached: int = 100) -> House:
    """The life waits for its turn with the first of them; that turn begins after the second, and answers both."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn(answer="granted")

    async with house(env, open_turn(), slow, open_turn(), WON, cached=cached) as home:
        await home.start(task_timeout=SHORT_TASK)
        await home.until("MARKER_RECORDED")
        given = await command_under_way(home)
        await home.reach(2)
        tasks = await home.count("WORKFLOW_TASK_STARTED")
        for number in (1, 2):
            await home.ring()
            await home.until("WORKFLOW_TASK_STARTED", tasks + number)
        may_end.set()
        await given
        await home.until("MARKER_RECORDED", 3)
        await home.ring()
        await home.handle.result()
    return home


async def a_ring_comes_with_a_command_that_finds_no_store(env: LeadTestEnv, cached: int = 100) -> House:
    """The command's step fails; the ring, which came with the same task, is answered by another step."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    def away_for_commands(seen: Seen) -> StepResult | Exception:
        return StoreAway("away") if seen.command_id else WON

    async with house(env, slow, away_for_commands, cached=cached) as home:
        await home.start()
        await home.reach(1)
        await home.ring()
        given = await command_under_way(home)
        may_end.set()
        with suppress(CommandUnanswered):
            await given
        await home.handle.result()
    return home


async def a_command_comes_while_a_life_cannot_begin(env: LeadTestEnv, cached: int = 100) -> House:
    """The store was away at its first step, and is back for the command, whose turn ends the pause."""
    async with house(env, AWAY, open_turn(answer="granted"), WON, cached=cached) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await give(home)
        await home.until("TIMER_STARTED", 2)
        await home.ring()
        await home.handle.result()
    return home


async def a_command_reopens_a_lead_that_had_nothing_to_do(env: LeadTestEnv, cached: int = 100) -> House:
    """One command closes the lead; another waits for its step meanwhile. All else is done, and still the life stays."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    closed = StepResult("ended", "disqualified", None, answer="granted")
    opened = open_turn("nurture", "nurturing", answer="granted")
    async with house(env, slow, closed, opened, WON, cached=cached) as home:
        await home.start()
        await home.reach(1)
        given = [await command_under_way(home) for _ in range(2)]
        may_end.set()
        await asyncio.gather(*given)
        await home.ring()
        await home.handle.result()
    return home


async def a_new_build_comes_while_nothing_is_due(env: LeadTestEnv, cached: int = 100) -> House:
    """The lead is open: its life goes on though nothing says when."""
    async with house(env, open_turn(wake_at=None), works=False, cached=cached) as home, AsyncExitStack() as stack:
        await deploy(home, stack, "1")
        await home.start()
        await home.until("MARKER_RECORDED")
        await deploy(home, stack, "2")
        await new_run(home, ring=True)
    return home


async def a_new_build_comes_while_an_end_owes(env: LeadTestEnv, cached: int = 100) -> House:
    """The lead has ended and an answer comes due in an hour: that is waited for in a run of the new build."""

    def owes(seen: Seen) -> StepResult:
        return StepResult("ended", "lost", (seen.now + HOUR).isoformat())

    async with house(env, owes, works=False, cached=cached) as home, AsyncExitStack() as stack:
        await deploy(home, stack, "1")
        await home.start()
        await home.until("TIMER_STARTED")
        await deploy(home, stack, "2")
        await new_run(home, ring=True)
    return home


async def a_new_build_comes_while_the_store_is_away_and_a_notice_hangs(env: LeadTestEnv, cached: int = 100) -> House:
    """The new run begins only when the notice is done."""
    messenger = FakeMessenger(hangs=True)
    first = open_turn(actions=[notice(1)])
    async with (
        house(env, first, StoreAway("away"), messenger=messenger, works=False, cached=cached) as home,
        AsyncExitStack() as stack,
    ):
        await act(home, stack)
        await deploy(home, stack, "1")
        await home.start()
        await eventually(lambda: messenger.begun)
        await deploy(home, stack, "2")
        await hear_of_new_build(home)
        messenger.may_end.set()
        await home.until("ACTIVITY_TASK_COMPLETED")
        await new_run(home, ring=True)
    return home


async def cancelled_as_it_waits(env: LeadTestEnv, cached: int = 100) -> House:
    """With an alarm set and a notice under way."""
    messenger = FakeMessenger(hangs=True)
    async with house(env, open_turn(actions=[notice(1)]), messenger=messenger, cached=cached) as home:
        await home.start()
        await eventually(lambda: messenger.begun)
        await _cancel(home)
    return home


async def cancelled_as_it_looks(env: LeadTestEnv, cached: int = 100) -> House:
    """A ring and the cancellation come with the same task, while the step before is under way."""
    may_end = asyncio.Event()

    async def slow(_seen: Seen) -> StepResult:
        await may_end.wait()
        return open_turn()

    async with house(env, slow, open_turn(), cached=cached) as home:
        await home.start()
        await home.reach(1)
        await home.ring()
        await home.handle.cancel()
        may_end.set()
        with suppress(WorkflowFailureError):
            await home.handle.result()
    return home


async def cancelled_as_it_pauses(env: LeadTestEnv, cached: int = 100) -> House:
    """The store is away."""
    async with house(env, StoreAway("away"), cached=cached) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await _cancel(home)
    return home


async def _cancel(home: House) -> None:
    await home.handle.cancel()
    with suppress(WorkflowFailureError):
        await home.handle.result()


CROSSING = (
    cancelled_as_it_waits,
    cancelled_as_it_looks,
    cancelled_as_it_pauses,
    a_ring_comes_while_a_step_reads,
    rings_come_while_a_command_is_weighed,
    a_ring_comes_with_a_command_that_finds_no_store,
    a_command_comes_while_a_life_cannot_begin,
    a_command_reopens_a_lead_that_had_nothing_to_do,
    a_new_build_comes_while_nothing_is_due,
    a_new_build_comes_while_an_end_owes,
    a_new_build_comes_while_the_store_is_away_and_a_notice_hangs,
)
