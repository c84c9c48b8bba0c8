"""Generated lives: facts at any time, in any order of arrival, split into steps anywhere."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from leads.entries import Entry
from tests.builders import MONDAY, captured, fact, raised, touched

minutes = st.integers(min_value=0, max_value=8 * 24 * 60)
people = st.sampled_from(["ana", "ben", "cleo", "dora"])


def instants() -> st.SearchStrategy[datetime]:
    return minutes.map(lambda m: MONDAY + timedelta(minutes=m))


def _fact(type_: str, **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Entry]:
    return st.builds(lambda when, data: fact(type_, when, **data), instants(), st.fixed_dictionaries(data))


reasons = st.sampled_from(["no_budget", "duplicate", "wrong_territory", "no_fit", "unheard_of"])

facts = st.one_of(
    instants().map(raised),
    instants().map(raised),
    st.builds(touched, instants(), people, st.sampled_from(["call", "email"])),
    st.builds(
        lambda when, by, late: touched(
            when, by, evidence="self_reported", logged_at=when + timedelta(minutes=late)
        ),
        instants(), people, st.integers(0, 600),
    ),
    _fact("lead.replied", channel=st.just("email")),
    _fact("lead.qualified", score=st.integers(0, 100)),
    _fact("lead.engaged", kind=st.just("page_viewed"), points=st.integers(0, 40)),
    _fact("lead.assigned", owner=people),
    _fact("lead.accepted", by=people),
    _fact("lead.rejected", reason=reasons, by=people),
    _fact("lead.recycled", reason=reasons),
    _fact("lead.disqualified", kind=st.sampled_from(["soft", "hard", "not_a_lead"]), reason=reasons),
    _fact("lead.reopened"),
    _fact("lead.opportunity_opened"),
    _fact("lead.won"),
    _fact("lead.lost", reason=reasons),
    _fact("lead.updated", source=st.sampled_from(["webinar", "website"])),
    st.builds(
        lambda when, length: fact("lead.snoozed", when, until=(when + timedelta(minutes=length)).isoformat()),
        instants(), st.integers(1, 3000),
    ),
    instants().map(captured),
)  # fmt: skip


@st.composite
def lives(draw: st.DrawFn, *, most: int = 14) -> list[tuple[datetime, list[Entry]]]:
    """Steps of a life: each an instant and the mail that has come in since the last; facts arrive late or in time."""
    entries = [captured(MONDAY), *draw(st.lists(facts, max_size=most, unique_by=lambda entry: entry.id))]
    delay = st.one_of(st.just(0), st.integers(0, 3000))
    arrivals = [(entry.effective_at + timedelta(minutes=draw(delay)), entry) for entry in entries]
    ticks = sorted({MONDAY + timedelta(minutes=m) for m in draw(st.lists(minutes, min_size=1, max_size=8))})
    end = max([at for at, _ in arrivals] + ticks) + timedelta(minutes=1)
    steps, last = [], None
    for tick in [*ticks, end]:
        mail = [entry for arrived, entry in arrivals if arrived <= tick and (last is None or arrived > last)]
        steps.append((tick, mail))
        last = tick
    return steps
