"""How long an accepted event waits for its commit, at shares of what the system can do."""

import asyncio
import random
from functools import partial
from statistics import quantiles
from time import perf_counter

from tests.measures.figures import Figure, Pace, Row
from tests.measures.lives import Leadloop, leadloop, rate, story

SHARES = (0.25, 0.5, 0.75)
AT_MOST_MS = {(0.25, 50): 250.0, (0.25, 99): 1000.0, (0.5, 50): 500.0}
"""By share and percentile: generous, so that a machine busy with other things passes; at 75 % a queue is due."""
SEED = 7
LEADS = 40
"""In turn, so that a lead's last event is committed long before its next one comes."""


async def measure(pace: Pace) -> list[Figure]:
    events = 40 if pace.is_quick else round(100 * pace.turns)
    figures: list[Figure] = []
    async with leadloop() as system:
        await rate(10 if pace.is_quick else 20, system.live_spaced)
        capacity = await rate(10 if pace.is_quick else 40, system.live_spaced)
        for share in SHARES:
            figures += told(await _waits(system, capacity * share, events), share, capacity)
    return figures


def told(waits: list[float], share: float, capacity: float) -> list[Figure]:
    """What the waits come to, in seconds each, at a share of `capacity` events a second."""
    cuts = quantiles(waits, n=100, method="inclusive")
    return [
        Figure(name=f"accepted to committed, p{cut}", value=cuts[cut - 1] * 1000, unit="ms",
               at_most=AT_MOST_MS.get((share, cut)), note=f"at {share:.0%} of {capacity:.0f} events/s")
        for cut in (50, 95, 99)
    ]  # fmt: skip


async def _waits(system: Leadloop, events_a_second: float, events: int) -> list[float]:
    """Seconds from the 202 to the commit, of events that come at random, whatever became of those before."""
    rng = random.Random(SEED)
    events_of_a_lead = story(2 + events // LEADS + 5)[: events // LEADS + 2]
    subjects = [system.new_subject() for _ in range(LEADS)]
    waits: list[float] = []

    async def one(number: int) -> None:
        event = system.event(subjects[number % LEADS], events_of_a_lead[number // LEADS])
        [receipt] = await system.posting.post([event])
        accepted = perf_counter()
        waits.append(max(0.0, await system.watch.read(receipt) - accepted))

    due = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for send in (partial(one, number) for number in range(events)):
            due += rng.expovariate(events_a_second)
            await asyncio.sleep(max(0.0, due - perf_counter()))  # the arrival itself, not a wait for something
            tasks.create_task(send())
    return waits


ROW = Row(name="latency", about="accepted to committed, at shares of the capacity", measure=measure)
