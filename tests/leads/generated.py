"""Lives drawn from a seed: up to sixty facts and commands at any time, in any order of arrival, in steps anywhere.

Quicker than a property framework, and the same seed is the same life for everyone: for the thousands.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from leads.calendar import Calendar
from leads.entries import Entry
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.state import OwnHours
from tests.builders import MONDAY, captured, fact, playbook, raised, shelf, touched
from tests.leads.strategies import Beat, every_ladder_climbs

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MOST_FACTS = 50
PEOPLE = ("ana", "ben", "cleo", "carl")
REASONS = ("no_budget", "duplicate", "wrong_territory", "no_fit", "unable_to_reach", "bad_timing", "unheard_of")
KINDS = ("snooze", "snooze", "waiting_on_buyer", "legal_hold")
_Make = Callable[[Random, datetime], Entry]


def _later(chance: Random, at: datetime, most_hours: float) -> str:
    return (at + timedelta(hours=chance.uniform(0.1, most_hours))).isoformat()


def _touch(chance: Random, at: datetime) -> Entry:
    data: dict[str, Any] = {"connected": chance.random() < 0.3, "direction": chance.choice(("out", "out", "in"))}
    if chance.random() < 0.2:
        data |= {"next_step_at": _later(chance, at, 60)}
    if chance.random() < 0.2:
        data |= {"evidence": "self_reported", "logged_at": _later(chance, at, 10)}
    return touched(at, chance.choice(PEOPLE), chance.choice(("call", "email", "message")), **data)


def _meeting(kind: str) -> _Make:
    def make(chance: Random, at: datetime) -> Entry:
        name: dict[str, Any] = {"meeting": f"m{chance.randint(1, 2)}"} if chance.random() < 0.7 else {}
        return fact(
            f"lead.meeting_{kind}", at, at=_later(chance, at, 48), by=chance.choice((*PEOPLE, None)),
            self_booked=chance.random() < 0.3, **name,
        )  # fmt: skip

    return make


def _given(type_: str, **choices: tuple[Any, ...]) -> _Make:
    def make(chance: Random, at: datetime) -> Entry:
        drawn = {name: chance.choice(values) for name, values in choices.items()}
        return fact(type_, at, **{name: value for name, value in drawn.items() if value is not None})

    return make


def _listed(chance: Random, at: datetime) -> Entry:
    """A capture that comes with a list, often days after the event it is dated by."""
    heard_at = at + timedelta(hours=chance.choice((0, 0, 5, 70)) * chance.random())
    return captured(at, list=chance.choice(("expo", "spring")), recorded_at=heard_at)


FACTS: tuple[tuple[int, _Make], ...] = (
    # how often, what
    (6, lambda _c, at: raised(at)),
    (14, _touch),
    (5, _given("lead.replied", channel=("email", "call"), connected=(True, False, False), by=(None, "ana"))),
    (2, _given("lead.qualified", score=(0, 40, 90))),
    (3, _given("lead.engaged", kind=("page_viewed",), points=(0, 20, 60))),
    (5, _given("lead.assigned", owner=PEOPLE, team=(None, "sales", "closers", "partners", "field"))),
    (1, _given("lead.assigned", owner=PEOPLE, kind=("rep_to_closer", "to_partner"))),
    (2, _given("lead.accepted", by=(None, *PEOPLE))),
    (3, _given("lead.rejected", reason=REASONS, by=(None, *PEOPLE))),
    (3, _given("lead.returned", reason=REASONS, by=(None, *PEOPLE))),
    (2, _given("lead.recycled", reason=REASONS)),
    (2, _given("lead.disqualified", kind=("soft", "hard", "not_a_lead"), reason=REASONS)),
    (1, _given("lead.reopened")),
    (4, _meeting("booked")),
    (2, _meeting("held")),
    (2, _meeting("missed")),
    (2, _meeting("cancelled")),
    (2, _given("lead.opportunity_opened", by=(None, *PEOPLE))),
    (2, _given("lead.won", by=(None, *PEOPLE))),
    (2, _given("lead.lost", reason=REASONS)),
    (1, _given("lead.updated", source=("webinar", "website"), timezone=("America/New_York", "nowhere"))),
    (2, lambda c, at: fact("lead.snoozed", at, until=_later(c, at, 50), kind=c.choice(KINDS))),
    (2, _given("lead.feedback_given", by=(None, *PEOPLE), quality=(1, 5))),
    (1, lambda _c, at: captured(at)),
    (2, _listed),
    (1, _given("lead.released", list=("expo", "spring"))),
    (1, _given("lead.unlisted", list=("expo", "spring"))),
)
_WEIGHTS, _MAKERS = zip(*FACTS, strict=True)


def _command(chance: Random, at: datetime) -> tuple[tuple[str, dict[str, Any]], str]:
    reason = {"reason": chance.choice(REASONS)}
    drawn: tuple[str, dict[str, Any]] = chance.choice((
        ("accept", {}), ("claim", {}), ("reopen", {}), ("reject", reason), ("return", reason), ("recycle", reason),
        ("callback", {"at": _later(chance, at, 80)}), ("reassign", {"owner": chance.choice(PEOPLE)}),
        ("reassign", {"owner": chance.choice(PEOPLE), "team": "closers"}), ("reassign", {"team": "sales"}),
        ("reassign", {"team": "partners"}), ("touch", {"channel": "call", "connected": chance.random() < 0.5}),
        ("snooze", {"until": _later(chance, at, 50), "kind": chance.choice(KINDS)}), ("feedback", {"quality": 3}),
        ("waive", {"clock": chance.choice(("first_touch", "next_step", "effort", "reply")), "reason": "on leave"}),
        ("disqualify", {"kind": "soft", "reason": "no_fit"}),
    ))  # fmt: skip
    return drawn, chance.choice((*PEOPLE, "mira"))


def all_promised() -> Shelf:
    """Everything is promised, shortly, with ladders everywhere; a second revision comes while leads run."""
    text: dict[str, Any] = {
        "segments": [{
            "name": "all", "team": "sales", "ignored_after": {"target": "PT9H"},
            "promises": {
                "speed_to_lead": {"target": "PT15M", "if_arrived_closed": "PT1H", "ladder": "quick"},
                "assign": {"target": "PT2M", "time": "elapsed", "ladder": "waiting"},
                "accept": {"target": "PT1H", "hours": "team", "ladder": "gentle"},
                "first_touch": {"target": "PT2H", "zone": "buyer", "ladder": "quick"},
                "effort": {"target": "PT6H", "attempts": 3, "channels": 2, "max_gap": "PT3H", "ladder": "quick"},
                "next_step": {"target": "PT2H", "ladder": "quick"},
                "reply": {"target": "PT1H", "ladder": "quick"},
                "meeting_outcome": {"target": "PT1H", "ladder": "gentle"},
                "feedback": {"target": "PT4H", "ladder": "gentle"},
            },
        }],
        "ladders": {
            "quick": [
                {"rung": "half", "at": "50%", "notify": ["owner"]},
                {"rung": "due", "at": "due", "notify": ["owner", "manager"]},
                {"rung": "move", "at": "due+PT20M", "reassign": True, "max_hops": 3},
                {"rung": "queue", "at": "due+PT3H", "to_queue": True},
            ],
        },
        "stages": {"accepted": {"target": "PT3H", "ladder": "gentle"}, "working": {"target": "P2D", "time": "elapsed"}},
        "feedback": {"on_return": True, "share_of_wins": 1, "most_a_day": 1},
        "snooze_before_touch": True,
    }  # fmt: skip
    first, second = playbook(**text), playbook(**text | {"recycling": {"most_loops": 1, "cool_off": "PT8H"}})
    return Shelf([
        Revision(1, BEGINNING, first), Revision(2, MONDAY + timedelta(hours=9), second),
    ])  # fmt: skip


def in_own_hours() -> Shelf:
    """The same, where every promise an owner can owe runs in the owner's own hours."""
    books = [all_promised().number(number).playbook.model_dump(mode="json", by_alias=True) for number in (1, 2)]
    for book in books:
        promises = book["segments"][0]["promises"]
        for name in promises.keys() - {"speed_to_lead", "assign"}:
            promises[name] |= {"hours": "owner", "zone": "calendar", "if_arrived_closed": "PT30M"}
        for name in ("first_touch", "effort", "reply"):
            promises[name]["paused_by"] = ["legal_hold"] if name == "reply" else ["snooze", "legal_hold"]
    first, second = map(Playbook.model_validate, books)
    return Shelf([Revision(1, BEGINNING, first), Revision(2, MONDAY + timedelta(hours=9), second)])


def _week(start: str, end: str, zone: str) -> Calendar:
    days = ("mon", "tue", "wed", "thu", "fri")
    return Calendar.model_validate({"timezone": zone, "weekly": {day: [[start, end]] for day in days}})


HOURS = {
    "ana": OwnHours(_week("13:00", "17:00", "Europe/Berlin"), ((MONDAY, MONDAY + timedelta(hours=30)),)),
    "ben": OwnHours(_week("09:00", "18:00", "America/New_York")),
    "carl": OwnHours(None, ((MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=4)),)),
}
"""As the roster has them throughout; of the others it knows nothing."""

SHELVES = (shelf(), every_ladder_climbs(), all_promised(), in_own_hours())


def life(seed: int) -> tuple[Shelf, list[Beat]]:
    """The life of a seed: the playbooks it is lived under, and its beats."""
    chance = Random(seed)
    span = timedelta(minutes=chance.choice((240, 24 * 60, 8 * 24 * 60)))
    made = [_listed(chance, MONDAY) if chance.random() < 0.15 else captured(MONDAY)]
    for _ in range(chance.randint(1, MOST_FACTS)):
        make = chance.choices(_MAKERS, _WEIGHTS)[0]
        made.append(make(chance, MONDAY + span * chance.random()))
    entries = [replace(entry, id=f"{entry.type}-{n}", backfill=chance.random() < 0.03) for n, entry in enumerate(made)]
    arrivals = [(entry.effective_at + _delay(chance), entry) for entry in entries]
    ticks = sorted(MONDAY + span * chance.random() for _ in range(chance.randint(1, 12)))
    end = max([at for at, _ in arrivals] + ticks) + timedelta(minutes=1)
    beats: list[Beat] = []
    for tick in [*ticks, end]:
        mail = [entry for arrived, entry in arrivals if arrived <= tick and (not beats or arrived > beats[-1].at)]
        beats.append(Beat(tick, mail, _command(chance, tick) if chance.random() < 0.6 else None))
    return SHELVES[seed % len(SHELVES)], beats


def _delay(chance: Random) -> timedelta:
    """In time mostly; late sometimes; from a sender whose clock is ahead now and then."""
    return timedelta(minutes=chance.choice((0, 0, 0, 0, -3, 5, 90, 2000)) * chance.random())
