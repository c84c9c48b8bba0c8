"""Generated lives: facts at any time, in any order of arrival, split into steps anywhere, with commands between."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from leads.entries import Entry
from leads.revisions import Shelf
from tests.builders import MONDAY, captured, fact, playbook, raised, shelf, touched

minutes = st.integers(0, 240) | st.integers(0, 8 * 24 * 60)
"""After Monday 09:00: thick in the first hours, where most is promised, thin over a week and a weekend."""
people = st.sampled_from(["ana", "ben", "cleo", "dora"])
reasons = st.sampled_from(["no_budget", "duplicate", "wrong_territory", "no_fit", "unheard_of"])


def instants() -> st.SearchStrategy[datetime]:
    return minutes.map(lambda m: MONDAY + timedelta(minutes=m))


def _fact(type_: str, **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Entry]:
    return st.builds(lambda when, data: fact(type_, when, **data), instants(), st.fixed_dictionaries(data))


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
    _fact("lead.assigned", owner=people, team=st.sampled_from(["sales", "partners"])),
    _fact("lead.accepted", by=people),
    _fact("lead.accepted"),
    _fact("lead.rejected", reason=reasons, by=people),
    _fact("lead.recycled", reason=reasons),
    _fact("lead.disqualified", kind=st.sampled_from(["soft", "hard", "not_a_lead"]), reason=reasons),
    _fact("lead.reopened"),
    _fact("lead.meeting_booked", at=st.just("2026-06-20T09:00:00Z"), by=people, self_booked=st.booleans()),
    _fact("lead.opportunity_opened"),
    _fact("lead.won"),
    _fact("lead.lost", reason=reasons),
    _fact("lead.updated", source=st.sampled_from(["webinar", "website"])),
    st.builds(
        lambda when, length: fact("lead.snoozed", when, until=(when + timedelta(minutes=length)).isoformat()),
        instants(), st.integers(1, 3000),
    ),
    instants().map(captured),
    st.builds(
        lambda when, late: captured(
            when, list="expo", recorded_at=when + timedelta(minutes=late), id_=f"listed@{when.isoformat()}"
        ),
        instants(), st.integers(0, 3000),
    ),
    _fact("lead.released", list=st.just("expo")),
    _fact("lead.unlisted", list=st.just("expo")),
)  # fmt: skip

commands = st.tuples(
    st.one_of(
        st.sampled_from(["accept", "claim", "reopen"]).map(lambda name: (name, {})),
        reasons.map(lambda reason: ("reject", {"reason": reason})),
        people.map(lambda owner: ("reassign", {"owner": owner})),
        st.just(("reassign", {"team": "sales"})),
        st.just(("touch", {"channel": "call"})),
        st.just(("snooze", {"until": "2026-06-04T12:00:00Z"})),
        st.just(("disqualify", {"kind": "soft", "reason": "no_fit"})),
    ),
    people,
)


@dataclass(frozen=True)
class Beat:
    """One step of a life: when, the mail that has come in since the last, and a command with its actor, if any."""

    at: datetime
    mail: list[Entry]
    command: tuple[tuple[str, dict[str, Any]], str] | None = None


def every_ladder_climbs() -> Shelf:
    """A playbook whose every promise has a ladder that moves the lead, so that rungs of several clocks meet."""
    return shelf(playbook(
        segments=[{
            "name": "all", "team": "sales", "ignored_after": {"target": "PT9H"},
            "promises": {
                "speed_to_lead": {"target": "PT15M", "if_arrived_closed": "PT1H", "ladder": "quick"},
                "assign": {"target": "PT2M", "time": "elapsed", "ladder": "told"},
                "accept": {"target": "PT15M", "ladder": "quick"},
                "first_touch": {"target": "PT30M", "ladder": "quick"},
            },
        }],
        ladders={
            "quick": [
                {"rung": "half", "at": "50%", "notify": ["owner"]},
                {"rung": "due", "at": "due", "notify": ["owner", "manager"]},
                {"rung": "move", "at": "due", "reassign": True, "max_hops": 3},
                {"rung": "queue", "at": "due+PT3H", "to_queue": True},
            ],
            "told": [{"rung": "due", "at": "due", "notify": ["team"]}],
        },
        snooze_before_touch=True,
    ))  # fmt: skip


shelves = st.sampled_from([shelf, every_ladder_climbs]).map(lambda make: make())


@st.composite
def lives(draw: st.DrawFn, *, most: int = 14) -> list[Beat]:
    """Facts arrive late, in time, or from a sender whose clock is ahead; some are history."""
    drawn = draw(st.lists(facts, max_size=most))
    entries = list({entry.id: entry for entry in [captured(MONDAY), *drawn]}.values())
    entries = [replace(entry, backfill=draw(st.integers(0, 9)) == 0) for entry in entries]
    delay = st.one_of(st.just(0), st.integers(-5, 3000))
    arrivals = [(entry.effective_at + timedelta(minutes=draw(delay)), entry) for entry in entries]
    ticks = sorted({MONDAY + timedelta(minutes=m) for m in draw(st.lists(minutes, min_size=1, max_size=8))})
    end = max([at for at, _ in arrivals] + ticks) + timedelta(minutes=1)
    beats: list[Beat] = []
    for tick in [*ticks, end]:
        mail = [entry for arrived, entry in arrivals if arrived <= tick and (not beats or arrived > beats[-1].at)]
        beats.append(Beat(tick, mail, draw(st.none() | commands)))
    return beats
