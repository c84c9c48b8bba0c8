"""How many events a second leads live through, from HTTP to the committed state, and what each costs in CPU."""

from collections.abc import Awaitable, Callable
from functools import partial

from tests.measures.bare import bare_lives
from tests.measures.figures import Figure, Pace, Row
from tests.measures.in_turns import compared
from tests.measures.lives import Leadloop, leadloop, quiet_story, rate

EVENTS = 10
_LIVES_A_SECOND = {"quiet": 10, "told": 8, "burst": 40, "bare": 14}
"""About, on two cores: how many make a turn of the length asked for."""


async def measure(pace: Pace) -> list[Figure]:
    turns = 1 if pace.is_quick else pace.turns
    seconds = min(pace.seconds, 0.5) if pace.is_quick else pace.seconds
    least = 10 if pace.is_quick else 20
    lives = {name: max(least, round(a_second * seconds)) for name, a_second in _LIVES_A_SECOND.items()}
    async with leadloop() as system, bare_lives(system.temporal) as bare:
        one: dict[str, Callable[[], Awaitable[object]]] = {
            "quiet": partial(system.live_spaced, tell=quiet_story),
            "told": system.live_spaced,
            "burst": system.live_at_once,
            "bare": partial(bare.live, EVENTS),
        }
        for warm in one.values():  # first connections, first plans, first sandbox
            await rate(least, warm)
        rates: dict[str, list[float]] = {name: [] for name in one}
        cpu: list[Figure] = []
        for turn in range(turns):
            for name, live in one.items():
                found, of_processes = await _observed(system, lives[name], live)
                rates[name].append(found)
                if turn == turns - 1 and name != "bare":
                    cpu += [
                        Figure(name=f"{name}, CPU of {part}", value=ms, unit="ms/event")
                        for part, ms in of_processes.items()
                    ]
    against = {name: compared(list(zip(rates[name], rates["bare"], strict=True))) for name in rates if name != "bare"}
    quiet, told, burst = against["quiet"], against["told"], against["burst"]
    return [
        Figure(
            name="ten spaced events",
            value=quiet.value,
            unit="events/s",
            baseline=quiet.baseline,
            at_least=0.6,
            spread=quiet.spread,
            note="bare: a workflow, a signal and an empty step each",
        ),
        Figure(
            name="ten spaced events, two notices, five stages",
            value=told.value,
            unit="events/s",
            baseline=told.baseline,
            spread=told.spread,
            note="bare: tells nobody",
        ),
        Figure(
            name="ten events at once",
            value=burst.value,
            unit="events/s",
            baseline=burst.baseline,
            at_least=3,
            spread=burst.spread,
        ),
        *cpu,
    ]


async def _observed(
    system: Leadloop, lives: int, live: Callable[[], Awaitable[object]]
) -> tuple[float, dict[str, float]]:
    """Events a second, and each process's CPU milliseconds an event."""
    before = system.spent()
    found = await rate(lives, live, events=EVENTS)
    after = system.spent()
    return found, {part: (after[part] - before[part]) * 1000 / (lives * EVENTS) for part in before}


ROW = Row(
    name="life", about="leads of ten events, end to end, against bare workflows on the same server", measure=measure
)
