"""Lives that come where few lives come: each phase's own pace, the longest waits, an end that owes, a cancellation."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.step import StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import LONG_AGO, Answer, FakeMessenger, House, Seen, house, open_turn
from tests.workflows.scenario_parts import HOUR, WON, notice, ring_and_wait
from workflows.lead import FIRST_PAUSE, LONGEST_PAUSE
from workflows.lead_commands import LeadCommands

MINUTE = timedelta(minutes=1)


async def a_notice_and_an_alarm_in_each_phase(env: LeadTestEnv, cached: int = 100) -> House:
    """Each phase sends a notice in its own haste, and sets an alarm sooner than the last in its own exactness."""
    phases = ["capture", "nurture", "hand_off", "follow_up", "close_loop"]

    def turn(number: int, phase: str, *, is_exact: bool = False) -> Answer:
        def answer(seen: Seen) -> StepResult:
            wake_at = (seen.now + (20 - number) * HOUR).isoformat()
            return StepResult(phase, phase, wake_at, actions=[notice(number)], is_exact=is_exact)

        return answer

    turns = [turn(number, phase) for number, phase in enumerate(phases, start=1)]
    exact = [turn(number, phase, is_exact=True) for number, phase in enumerate(phases, start=6)]
    async with house(env, *turns, *exact, WON, cached=cached) as home:
        for number in range(1, 11):
            await ring_and_wait(home)
            await eventually(lambda: len(home.messenger.ended) == number)  # noqa: B023  awaited within the loop
            await _until_there_are(home, number, "ACTIVITY_TASK_COMPLETED")
        await home.ring()
        await home.handle.result()
    return home


async def an_end_that_owes(env: LeadTestEnv, cached: int = 100) -> House:
    """The lead has ended; an answer comes due in an hour, then a notice is sent, and no more is owed."""

    def owes(seen: Seen) -> StepResult:
        return StepResult("ended", "lost", (seen.now + HOUR).isoformat())

    def owes_a_notice(seen: Seen) -> StepResult:
        return StepResult("ended", "lost", (seen.now + HOUR).isoformat(), actions=[notice(1)])

    async with house(env, open_turn(), owes, owes_a_notice, WON, cached=cached) as home:
        await ring_and_wait(home)
        await ring_and_wait(home)
        await home.advance(HOUR + MINUTE)
        await home.handle.result()
    return home


async def a_wake_that_is_past(env: LeadTestEnv, cached: int = 100) -> House:
    """It is looked at again, but not at once."""
    async with house(env, open_turn(wake_at=LONG_AGO), WON, cached=cached) as home:
        await (await home.start()).result()
    return home


async def notices_that_are_settled(env: LeadTestEnv, cached: int = 100) -> House:
    """Sent, withdrawn, sent in a digest, parked: after each the life sleeps on. An unknown word makes it look."""
    fates: list[str | Exception] = ["sent", "withdrawn", "already_done", "parked", "a word of a newer build"]
    told = [notice(number) for number in range(1, len(fates) + 1)]
    messenger = FakeMessenger(says_of={action.id: fate for action, fate in zip(told, fates, strict=True)})
    turns = [open_turn(actions=[action]) for action in told]
    async with house(env, *turns, open_turn(), WON, messenger=messenger, cached=cached) as home:
        for number in range(1, len(told)):
            await ring_and_wait(home)
            await _until_there_are(home, number, "ACTIVITY_TASK_COMPLETED")
        await home.ring()
        await home.reach(6)
        await home.ring()
        await home.handle.result()
    return home


async def a_notice_that_rests_longest(env: LeadTestEnv, cached: int = 100) -> House:
    """It fails again and again, and rests for 1, 2, 4, 8, and then 15 minutes, which is the longest."""
    messenger = FakeMessenger(says=ApplicationError("refused", type="refused", non_retryable=True))
    async with house(env, open_turn(actions=[notice(1)]), messenger=messenger, cached=cached) as home:
        await home.start()
        for number, rest in enumerate((1, 2, 4, 8, 15), start=1):
            await eventually(lambda: len(messenger.begun) == number)  # noqa: B023  awaited within the loop
            await _until_there_are(home, number, "ACTIVITY_TASK_FAILED")
            await eventually(lambda: home.steps == 2 * number)  # noqa: B023  the same
            if rest == 15:
                messenger.says = "sent"
            await home.advance(rest * MINUTE + timedelta(seconds=10))
        await eventually(lambda: messenger.ended)
        await _until_there_are(home, 1, "ACTIVITY_TASK_COMPLETED")
        home.store.says = [WON]
        await home.ring()
        await home.handle.result()
    return home


async def a_notice_that_fails_after_a_word(env: LeadTestEnv, cached: int = 100) -> House:
    """It fails, is put off, and fails again: that is a first failure once more, after which it rests for a minute."""
    refused = ApplicationError("refused", type="refused", non_retryable=True)
    messenger = FakeMessenger(says=refused)
    undone = open_turn(actions=[notice(1)])

    def then_it_fails_again(_seen: Seen) -> StepResult:
        messenger.says = refused
        return undone

    async with house(
        env, undone, undone, undone, then_it_fails_again, undone, messenger=messenger, cached=cached
    ) as home:
        await home.start()
        await _until_there_are(home, 1, "ACTIVITY_TASK_FAILED")
        await eventually(lambda: home.steps == 2)
        messenger.says = "put_off"
        await home.advance(MINUTE + timedelta(seconds=10))
        await _until_there_are(home, 2, "ACTIVITY_TASK_FAILED")
        await eventually(lambda: home.steps == 5)
        messenger.says = "sent"
        await home.advance(MINUTE + timedelta(seconds=10))
        await _until_there_are(home, 2, "ACTIVITY_TASK_COMPLETED")
        home.store.says = [WON]
        await home.ring()
        await home.handle.result()
    return home


async def a_phase_of_a_newer_build(env: LeadTestEnv, cached: int = 100) -> House:
    """It is waited in as calmly as for the answer how it ended."""
    async with house(env, open_turn("negotiation", "negotiating", actions=[notice(1)]), WON, cached=cached) as home:
        await home.start()
        await _until_there_are(home, 1, "ACTIVITY_TASK_COMPLETED")
        await home.ring()
        await home.handle.result()
    return home


async def a_store_that_is_away_for_long(env: LeadTestEnv, cached: int = 100) -> House:
    """Each pause is twice as long as the last, up to the longest; rings cut them short."""
    pauses = 1
    while FIRST_PAUSE * 2 ** (pauses - 1) < LONGEST_PAUSE:
        pauses += 1
    away = ApplicationError("store_away", type="store_away", non_retryable=True)
    async with house(env, *[away] * (pauses + 1), open_turn(), WON, cached=cached) as home:
        await home.start()
        for number in range(1, pauses + 1):
            await _until_there_are(home, number, "TIMER_STARTED")
            await home.ring()
        await _until_there_are(home, pauses + 1, "TIMER_STARTED")
        await home.advance(LONGEST_PAUSE + MINUTE)
        await eventually(lambda: home.steps == pauses + 2)
        await home.ring()
        await home.handle.result()
    return home


async def commands_of_every_answer(env: LeadTestEnv, cached: int = 100) -> House:
    """Granted, refused, expired, and one the step says nothing of, which is expired too."""
    answers = [open_turn(answer=answer) for answer in ("granted", "refused", "expired", None)]
    async with house(env, open_turn(), *answers, WON, cached=cached) as home:
        desk = LeadCommands(home.client, task_queue=home.queue)
        await home.start()
        await home.until("MARKER_RECORDED")
        for _ in answers:
            await desk.give(home.lead_id, str(uuid4()))
        await home.ring()
        await home.handle.result()
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


async def _until_there_are(home: House, number: int, kind: str) -> None:
    async def there_are() -> bool:
        return await home.count(kind) >= number

    ask: Callable[[], Awaitable[bool]] = there_are
    await eventually(ask)


SELDOM = (
    a_notice_and_an_alarm_in_each_phase,
    an_end_that_owes,
    a_wake_that_is_past,
    notices_that_are_settled,
    a_notice_that_rests_longest,
    a_notice_that_fails_after_a_word,
    a_phase_of_a_newer_build,
    a_store_that_is_away_for_long,
    commands_of_every_answer,
    cancelled_as_it_waits,
    cancelled_as_it_looks,
    cancelled_as_it_pauses,
)
