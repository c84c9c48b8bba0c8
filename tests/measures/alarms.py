"""How late alarms are: one alone, and a herd of clocks due at one instant, against bare timers on the same server."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from statistics import median_low

from tests.eventually import eventually
from tests.measures.bare import Bare, bare_lives
from tests.measures.figures import Figure, Pace, Row
from tests.measures.lives import Leadloop, Told, leadloop, open_playbook, rate

ALONE_WITHIN_SECONDS = 2.0
_LADDERS = {"herd": [{"rung": "due", "at": "due", "notify": ["owner"]}]}
_OPENING: tuple[Told, ...] = (("lead.captured", {"source": "website"}), ("lead.hand_raised", {"kind": "demo"}))
_OWNERS = cycle(("ana", "ben", "cleo"))
_FEW = 40
_DRAINED_WITHIN_SECONDS = 240


async def measure(pace: Pace) -> list[Figure]:
    herd = 100 if pace.is_quick else 1000
    async with leadloop() as system, bare_lives(system.temporal) as bare:
        await rate(10, system.live_at_once)
        alone = [await _alone(system) for _ in range(1 if pace.is_quick else 3)]
        before = await _bare_herd(bare, herd)
        recorded, _ = await _herd(system, herd, mode="shadow")
        timers = (before + await _bare_herd(bare, herd)) / 2
        fired, told = await _herd(system, herd // 3, mode="full")
    of_herd = {
        f"herd of {herd}, broken promises announced, nobody told": (recorded, "alarms/s", 0.7),
        f"herd of {herd // 3}, broken promises announced, each told": (fired, "alarms/s", None),
        f"herd of {herd // 3}, notices handed over": (told, "notices/s", None),
    }
    return [
        Figure(name="one alone, due to handed over", value=median_low(alone), unit="s",
               at_most=ALONE_WITHIN_SECONDS, spread=(min(alone), max(alone))),
        *(
            Figure(name=name, value=value, unit=unit, baseline=timers, at_least=bound,
                   note="bare: timers with an empty step each, before and after")
            for name, (value, unit, bound) in of_herd.items()
        ),
    ]  # fmt: skip


async def _alone(system: Leadloop) -> float:
    """Seconds from the instant a promise is due to the commit that says its notice was handed over."""
    due = await _promise(system, 1, in_seconds=4)
    await eventually(lambda: system.watch.are_settled(1), _DRAINED_WITHIN_SECONDS)
    return system.watch.settled_at[-1] - due


async def _herd(system: Leadloop, leads: int, *, mode: str) -> tuple[float, float]:
    """Promises announced as broken, and notices handed over, in a second: from the instant all are due to the last."""
    await _promise(system, 1, in_seconds=600, mode=mode)  # out of the way of those rehearsed
    in_seconds = await _spare(leads, partial(_promised, system, datetime.now(UTC)))
    due = await _promise(system, leads, in_seconds=in_seconds, mode=mode)
    notices = leads if mode == "full" else 0
    watch = system.watch
    await eventually(lambda: len(watch.broken_at) >= leads and watch.are_settled(notices), _DRAINED_WITHIN_SECONDS)
    announced = leads / (watch.broken_at[leads - 1] - due)
    return announced, notices and notices / (watch.settled_at[notices - 1] - due)


async def _bare_herd(bare: Bare, timers: int) -> float:
    """The same of bare timers."""
    far = time.time() + 3600
    due_in = await _spare(timers, partial(bare.set_alarm, far))
    at, due = time.time() + due_in, time.perf_counter() + due_in
    await rate(timers, partial(bare.set_alarm, at))
    _require_before(due)
    bare.steps_at.clear()
    await eventually(lambda: len(bare.steps_at) >= timers, _DRAINED_WITHIN_SECONDS)
    return timers / (bare.steps_at[timers - 1] - due)


async def _spare(count: int, one: Callable[[], Awaitable[object]]) -> float:
    """Seconds in which so many are surely set up, by the time that a few take."""
    few = min(_FEW, count // 5)
    a_second = await rate(few, one, events=1)
    return 5 + 2 * count / a_second


async def _promise(system: Leadloop, leads: int, *, in_seconds: float, mode: str = "full") -> float:
    """Leads that were all promised a touch at one instant, which is returned, as of `perf_counter`."""
    target = timedelta(seconds=round(in_seconds))
    promise = {"first_touch": {"target": f"PT{target.seconds}S", "ladder": "herd"}}
    await system.publish(open_playbook(promises=promise, ladders=_LADDERS, mode=mode))
    told_before = len(system.watch.issued_at)
    raised = datetime.now(UTC)
    due = time.perf_counter() + target.total_seconds()
    await rate(leads, partial(_promised, system, raised))
    # each owner hears of the lead first
    told = leads if mode == "full" else 0
    await eventually(lambda: system.watch.are_settled(told_before + told), _DRAINED_WITHIN_SECONDS)
    _require_before(due)
    system.watch.broken_at.clear()
    system.watch.issued_at.clear()
    system.watch.settled_at.clear()
    return due


async def _promised(system: Leadloop, raised: datetime) -> None:
    subject = system.new_subject()
    # in shadow nobody is given a lead but by the CRM
    opening: tuple[Told, ...] = (*_OPENING, ("lead.assigned", {"owner": next(_OWNERS)}))
    receipts = await system.posting.post([system.event(subject, told, raised) for told in opening])
    await system.watch.read(receipts[-1])


def _require_before(due: float) -> None:
    if time.perf_counter() > due:
        raise RuntimeError("the machine was too busy to set all alarms before they were due")


ROW = Row(name="alarms", about="due to handed over, alone and in a herd, against bare timers", measure=measure)
