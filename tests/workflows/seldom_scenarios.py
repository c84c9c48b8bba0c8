"""Lives that come where few lives come: each phase's own pace, the longest waits, an end that owes."""

import asyncio
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from activities.step import ActionRef, StepResult
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import LONG_AGO, Answer, FakeMessenger, House, Seen, house, open_turn
from tests.workflows.scenario_parts import HOUR, WON, give, notice, ring_and_wait
from workflows.lead import FIRST_PAUSE, LONGEST_PAUSE

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
            await home.until("ACTIVITY_TASK_COMPLETED", number)
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
            await home.until("ACTIVITY_TASK_COMPLETED", number)
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
            await home.until("ACTIVITY_TASK_FAILED", number)
            await eventually(lambda: home.steps == 2 * number)  # noqa: B023  the same
            if rest == 15:
                messenger.says = "sent"
            await home.advance(rest * MINUTE + timedelta(seconds=10))
        await eventually(lambda: messenger.ended)
        await home.until("ACTIVITY_TASK_COMPLETED", 1)
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
        await home.until("ACTIVITY_TASK_FAILED", 1)
        await eventually(lambda: home.steps == 2)
        messenger.says = "put_off"
        await home.advance(MINUTE + timedelta(seconds=10))
        await home.until("ACTIVITY_TASK_FAILED", 2)
        await eventually(lambda: home.steps == 5)
        messenger.says = "sent"
        await home.advance(MINUTE + timedelta(seconds=10))
        await home.until("ACTIVITY_TASK_COMPLETED", 2)
        home.store.says = [WON]
        await home.ring()
        await home.handle.result()
    return home


async def a_phase_of_a_newer_build(env: LeadTestEnv, cached: int = 100) -> House:
    """It is waited in as calmly as for the answer how it ended."""
    async with house(env, open_turn("negotiation", "negotiating", actions=[notice(1)]), WON, cached=cached) as home:
        await home.start()
        await home.until("ACTIVITY_TASK_COMPLETED", 1)
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
            await home.until("TIMER_STARTED", number)
            await home.ring()
        await home.until("TIMER_STARTED", pauses + 1)
        await home.advance(LONGEST_PAUSE + MINUTE)
        await eventually(lambda: home.steps == pauses + 2)
        await home.ring()
        await home.handle.result()
    return home


async def a_store_that_is_away_after_a_turn(env: LeadTestEnv, cached: int = 100) -> House:
    """A turn of before the outage is no answer: the life tries again until there is another."""
    away = ApplicationError("store_away", type="store_away", non_retryable=True)
    async with house(env, open_turn(), away, away, WON, cached=cached) as home:
        await ring_and_wait(home)
        timers = await home.until("TIMER_STARTED")
        await home.ring()
        await home.until("TIMER_STARTED", timers + 1)
        await home.ring()
        await home.until("TIMER_STARTED", timers + 2)
        await home.ring()
        await home.handle.result()
    return home


async def a_step_that_hangs(env: LeadTestEnv, cached: int = 100) -> House:
    """It is given up without a word from the store, and taken again."""

    async def hangs(_seen: Seen) -> StepResult:
        await asyncio.Event().wait()
        return WON

    async with house(env, hangs, hangs, WON, cached=cached) as home:
        await home.start()
        await eventually(lambda: home.steps == 2)  # it is tried twice
        await home.until("TIMER_STARTED")
        await home.ring()
        await home.handle.result()
    return home


async def an_alarm_that_moves_later_and_earlier(env: LeadTestEnv, cached: int = 100) -> House:
    """Its timer fires, is set for the rest, and then made anew, since the rest is too long."""

    def turn_in(wait: timedelta) -> Answer:
        return lambda seen: seen.turn_in(wait)

    async with house(env, turn_in(HOUR), turn_in(3 * HOUR), turn_in(HOUR / 2), WON, cached=cached) as home:
        await ring_and_wait(home)
        await ring_and_wait(home)
        await home.advance(HOUR + MINUTE)
        await home.until("TIMER_STARTED", 2)
        await ring_and_wait(home)
        await home.until("TIMER_STARTED", 3)
        await home.advance(HOUR / 2 + MINUTE)
        await home.handle.result()
    return home


async def notices_that_are_put_off(env: LeadTestEnv, cached: int = 100) -> House:
    """The alarm is set for the first of them that is due, wherever it stands."""

    def later(seen: Seen) -> StepResult:
        put_off = [(2, 2 * HOUR), (1, HOUR), (3, 3 * HOUR)]
        told = [ActionRef(notice(number).id, "notify", (seen.now + wait).isoformat()) for number, wait in put_off]
        return open_turn(actions=told)

    async with house(env, later, WON, cached=cached) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await home.ring()
        await home.handle.result()
    return home


async def an_end_with_more_mail(env: LeadTestEnv, cached: int = 100) -> House:
    """What is unread may open the lead again."""
    async with house(env, StepResult("ended", "lost", None, has_more=True), WON, cached=cached) as home:
        await (await home.start()).result()
    return home


async def commands_of_every_answer(env: LeadTestEnv, cached: int = 100) -> House:
    """Granted, refused, expired, and one the step says nothing of, which is expired too."""
    answers = [open_turn(answer=answer) for answer in ("granted", "refused", "expired", None)]
    async with house(env, open_turn(), *answers, WON, cached=cached) as home:
        await home.start()
        await home.until("MARKER_RECORDED")
        for _ in answers:
            await give(home)
        await home.ring()
        await home.handle.result()
    return home


SELDOM = (
    a_notice_and_an_alarm_in_each_phase,
    an_end_that_owes,
    a_wake_that_is_past,
    notices_that_are_settled,
    a_notice_that_rests_longest,
    a_notice_that_fails_after_a_word,
    a_phase_of_a_newer_build,
    a_store_that_is_away_for_long,
    a_store_that_is_away_after_a_turn,
    a_step_that_hangs,
    an_alarm_that_moves_later_and_earlier,
    notices_that_are_put_off,
    an_end_with_more_mail,
    commands_of_every_answer,
)
