"""What the core costs: folding facts, working time, and what a whole step decides. One process, no I/O."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time

from leads.entries import Entry
from leads.fold import refold
from leads.promises import Promise
from tests.builders import Story, at, captured, fact, raised, shelf, touched
from tests.leads.calendar_samples import berlin, h, hours
from tests.measures.figures import Figure, Pace, Row

FACTS = 10_000
DEADLINES = 10_000
STEPS = 100
_AT_ONCE = 3
"""Rounds a turn: the quickest of many short ones is the one that nobody disturbed."""


def quickest(pace: Pace, *works: Callable[[], object]) -> list[float]:
    """The least CPU seconds of each, run in turns."""
    rounds = 2 if pace.is_quick else pace.turns * _AT_ONCE
    for work in works:
        work()
    return [min(times) for times in zip(*[[_seconds(work) for work in works] for _ in range(rounds)], strict=True)]


def _seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def life(facts: int) -> list[Entry]:
    """A lead that is captured and then visits pages: the most common facts there are."""
    return [captured(at(0)), *(fact("lead.engaged", at(i), kind="page_viewed", id_=f"e{i}") for i in range(1, facts))]


def busy_life(facts: int) -> list[Entry]:
    """Every tenth fact hands it over, touches it or asks again."""
    made = life(facts)
    for i in range(10, facts, 10):
        made[i] = (raised(at(i)), fact("lead.assigned", at(i), owner="ana"), touched(at(i)))[i // 10 % 3]
    return made


def folding(pace: Pace) -> list[Figure]:
    on = shelf()
    facts = FACTS // 5 if pace.is_quick else FACTS
    long, short, busy = life(facts), life(facts // 10), busy_life(facts // 10)
    many, few, mixed = quickest(
        pace,
        lambda: refold("lead-1", long, on),
        lambda: refold("lead-1", short, on),
        lambda: refold("lead-1", busy, on),
    )
    return [
        Figure(
            name="facts folded", value=facts / many, unit="/s a core", at_least=100_000,
        ),
        Figure(
            name=f"{facts:,} facts to 10 × {facts // 10:,}", value=many * 1e3, unit="ms", baseline=few * 1e4,
            at_most=1.3, note="linear is 1",
        ),
        Figure(name="facts folded, every tenth in sales", value=len(busy) / mixed, unit="/s a core"),
    ]  # fmt: skip


def _each(due: Callable[[datetime], object]) -> Callable[[], object]:
    starts = [berlin("2026-03-27 08:00") + timedelta(minutes=7 * i) for i in range(DEADLINES)]
    return lambda: [due(start) for start in starts]


def deadlines(pace: Pace) -> list[Figure]:
    """Starts through seven weeks, in an office that closes for lunch and on holidays."""
    time = hours([["09:00", "12:30"], ["13:30", "17:00"]], holidays=["2026-12-25", "2027-01-01"])
    promise, revision = Promise(target="PT4H"), shelf().in_force(at(0))
    hour, year, promised = quickest(
        pace,
        _each(lambda start: time.due(start, h(1))),
        _each(lambda start: time.due(start, h(52 * 5 * 7))),
        _each(lambda start: revision.due(revision.term(promise, start), [])),
    )
    return [
        Figure(
            name="deadlines", value=DEADLINES / hour, unit="/s a core", at_least=50_000,
        ),
        Figure(
            name="a target of a year to one of an hour", value=year / DEADLINES * 1e6, unit="µs",
            baseline=hour / DEADLINES * 1e6, at_most=2,
        ),
        Figure(name="deadlines as a playbook promises them", value=DEADLINES / promised, unit="/s a core"),
    ]  # fmt: skip


def ordinary_lead() -> Story:
    """Ten facts, an owner, promises kept and running."""
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    for i in range(1, 8):
        story.step(at(10 * i), touched(at(10 * i), connected=i == 3))
    story.step(at(80), fact("lead.engaged", at(80), kind="page_viewed"))
    return story


def steps(pace: Pace) -> list[Figure]:
    """The whole turn of a step: fold one fact, weigh every rule, say when to look again."""

    def live() -> None:
        story = ordinary_lead()
        for i in range(STEPS):
            story.step(at(90 + i), fact("lead.engaged", at(90 + i), kind="page_viewed"))

    whole, start = quickest(pace, live, ordinary_lead)
    return [Figure(name="a step of an ordinary lead", value=(whole - start) / STEPS * 1e6, unit="µs")]


async def measure(pace: Pace) -> list[Figure]:
    return [*folding(pace), *deadlines(pace), *steps(pace)]


ROW = Row(name="decide", about="folding, deadlines and decisions of the pure core", measure=measure)
