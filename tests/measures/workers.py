"""What a second worker process brings."""

from tests.measures.figures import Figure, Pace, Row
from tests.measures.in_turns import Compared, in_turns
from tests.measures.lives import leadloop, rate
from tests.measures.stack import process

AT_LEAST = 0.9


async def measure(pace: Pace) -> list[Figure]:
    lives = 10 if pace.is_quick else round(12 * pace.seconds)
    async with leadloop() as system:

        async def one() -> float:
            return await rate(lives, system.live_spaced)

        async def two() -> float:
            async with process("worker", system.variables, ready=lambda log: "worker_works" in log):
                await rate(lives, system.live_spaced)  # until the newcomer has its share of leads
                return await one()

        await rate(lives, system.live_spaced)
        found = await in_turns(1 if pace.is_quick else pace.turns, two, one)
    return [told(found)]


def told(found: Compared) -> Figure:
    """A second one may not be in the way of the first; what it brings depends on how many cores are free."""
    note = "bare: one; they share the cores with everything else here"
    return Figure(
        name="two worker processes", value=found.value, unit="events/s", baseline=found.baseline,
        at_least=AT_LEAST, spread=found.spread, note=note,
    )  # fmt: skip


ROW = Row(name="workers", about="ten spaced events with two worker processes against one", measure=measure)
