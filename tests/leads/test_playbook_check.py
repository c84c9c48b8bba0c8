"""What makes no sense in a playbook is told with its place: segments, ladders, calendars, people."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from leads.calendar import Calendar, parse_calendar
from leads.playbook_check import check, dead_calendars
from leads.playbook_names import Known
from tests.leads.test_playbook import Document, changed, document, rung

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ROSTER = Known(teams=frozenset({"sales", "closers", "partners"}), people=frozenset({"mira"}))

WEB = {"field": "source", "value": "web"}
NEVER = "no lead can ever match this: it contradicts itself, or asks a field for what that never holds"


def told(change: Callable[[Document], Any], known: Known | None = None) -> list[str]:
    return [f"{fault.place}: {fault.reason}" for fault in check(changed(change), known)[1]]


def when(position: int, **condition: Any) -> Callable[[Document], Any]:
    return lambda d: d["segments"][position].update(when=condition)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            when(2, all=[{"field": "score", "op": "gt", "value": 9}, {"field": "score", "op": "lt", "value": 5}]),
            f"segments.2.when: {NEVER}",
        ),
        # told is the event in which a hand went up
        (when(1, field="raised_hand", op="eq", value=True), f"segments.1.when: {NEVER}"),
        (when(2, field="source", op="in", value=[]), f"segments.2.when: {NEVER}"),
        # a part that never holds is told where it stands, though the whole can hold
        (when(2, any=[WEB, {"field": "source", "op": "in", "value": []}]), f"segments.2.when.any.1: {NEVER}"),
        (when(2, any=[WEB, {"not": {"field": "stage", "value": "wonn"}}]), f"segments.2.when.any.1.not: {NEVER}"),
        (when(2, any=[WEB, {"all": [WEB, {"not": WEB}]}]), f"segments.2.when.any.1: {NEVER}"),
        (
            when(2, any=[WEB, {"field": "score", "op": "gt", "value": 1e400}]),
            "segments.2.when.any.1: a number to compare with is finite, and at most 1e308",
        ),
        (
            when(3, field="attributes.relation", op="eq", value="customer"),
            "segments.3.when: no lead gets here: whatever matches this matches segment 'known' (segments.0) first",
        ),
        (
            lambda d: (when(1, field="country", op="present")(d), when(2, field="country", op="absent")(d)),
            "segments.3.when: no lead gets here: whatever matches this matches one of the segments before it first",
        ),
        # hot's own target is 15 minutes, 1 hour where it arrived closed: two hours before due is before the start
        (
            rung(at="due-PT2H"),
            "ladders.hot.0.at: lies before the start of segments.1.promises.first_touch.target, which is only PT15M",
        ),
        (
            rung(reassign=True),
            "ladders.hot.0.max_hops: is missing; without a bound leads go round: say how many hops one may make",
        ),
        (
            rung(reassign=True, max_hops=0),
            "ladders.hot.0.max_hops: with no hops nobody is ever given the lead; drop reassign, or allow one",
        ),
        (
            lambda d: d["ladders"]["waiting"][0].update(to_queue=True),
            ("ladders.waiting.0.to_queue: hand_offs.returned.promises.assign climbs it while the lead has no owner to "
            "take it from"),
        ),
        (
            lambda d: d["stages"].update(won={"target": "PT9H"}),
            ("stages.won: leads may stay there; limits are for accepted, assigned, captured, nurturing, opportunity, "
            "qualified, working"),
        ),
        (
            lambda d: d["evidence"].update(teams={"sales": ["pigeon"]}),
            "evidence.teams.sales.0: there is no source 'pigeon'; define it under evidence.sources",
        ),
        (
            # as YAML reads a bare 20:00
            lambda d: d["notices"].update(quiet=[1200, "08:00"]),
            'notices.quiet.0: a time is HH:MM in quotes, as "20:00"',
        ),
        (lambda d: d.update(mode="loud"), "mode: must be 'shadow', 'notify_owner' or 'full'"),
        (
            lambda d: d["ladders"].update(Hot=d["ladders"]["hot"]),
            "ladders.Hot: must be a name: small letters, digits and _, a letter first, at most 40",
        ),
        (lambda d: d.pop("segments"), "segments: is missing"),
        (lambda d: d["segments"][0].pop("team"), "segments.0.team: is missing"),
        (lambda d: d.update(segments="all"), "segments: must be a list"),
        (lambda d: d["segments"].insert(0, 7), "segments.0: must be a mapping"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_fault_at_its_place(change: Callable[[Document], Any], said: str) -> None:
    assert told(change) == [said]


@pytest.mark.parametrize(
    "change",
    [
        rung(at="due-PT15M"),  # at the start itself
        when(3, field="source", op="in", value=["trade_show", "customer"]),
        lambda d: d["segments"].pop(1),
        when(3, field="account_named", op="absent"),  # of a lead without an account it is not known
    ],
)
def test_what_makes_sense_is_let_be(change: Callable[[Document], Any]) -> None:
    assert told(change) == []


def test_a_segment_that_cannot_be_read_hides_nothing_else() -> None:
    def spoil(d: Document) -> None:
        d["segments"][0]["when"] = {"field": "sauce", "value": "x"}
        when(3, field="raised_hand", op="present")(d)

    first, second = told(spoil)
    assert first.startswith("segments.0.when: unknown field 'sauce'")
    assert second.startswith("segments.3.when: no lead gets here")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["segments"][0].update(team="marz"), "segments.0.team: there is no team 'marz' in the roster"),
        (
            lambda d: d["hand_offs"]["to_partner"].update(teams=["marz"]),
            "hand_offs.to_partner.teams.0: there is no team 'marz' in the roster",
        ),
        (
            lambda d: d["evidence"].update(teams={"marz": ["dialer"]}),
            "evidence.teams.marz: there is no team 'marz' in the roster",
        ),
        (lambda d: d.update(waiving={"also": ["zoe"]}), "waiving.also.0: there is no person 'zoe' in the roster"),
    ],
)
def test_teams_and_people_are_looked_up_where_the_roster_is_at_hand(
    change: Callable[[Document], Any], said: str
) -> None:
    assert told(change, ROSTER) == [said]
    assert told(change) == []


@pytest.mark.parametrize(
    "nonsense", [None, 1, "playbook", [], {}, {1: 2}, {"segments": {"a": None}}, {"ladders": [[7]]}]
)
def test_what_is_no_playbook_at_all_is_told_and_nothing_breaks(nonsense: Any) -> None:
    playbook, faults = check(nonsense, ROSTER)
    assert playbook is None
    assert faults


def test_a_calendar_that_does_not_open_within_400_days_is_dead() -> None:
    calendars = {"office": parse_calendar(document()["calendars"]["office"]), "once": opens_on("2026-05-05")}
    calendars |= {"past": opens_on("2026-05-03"), "late": opens_on("2027-07-01")}

    faults = [f"{fault.place}: {fault.reason}" for fault in dead_calendars(calendars, NOW)]

    # 4 May 2026 + 400 days = 8 June 2027
    assert faults == [
        f"calendars.{name}: it never opens in the 400 days from 2026-05-04: no promise in it would come due"
        for name in ("past", "late")
    ]


def opens_on(date: str) -> Calendar:
    return parse_calendar({"timezone": "UTC", "date_overrides": {date: [["09:00", "12:00"]]}})


@pytest.mark.parametrize(
    ("sponsored", "faults"),
    [
        ({"sales", "closers", "partners"}, []),
        ({"sales"}, [
            "ladders.normal.1.notify.0: team 'closers' of the roster has no sponsor: name one, or drop this",
        ]),
        ({"closers", "partners"}, [
            "ladders.normal.1.notify.0: team 'sales' of the roster has no sponsor: name one, or drop this",
        ]),
    ],
)  # fmt: skip
def test_a_rung_that_tells_the_sponsor_of_a_team_without_one_is_told(sponsored: set[str], faults: list[str]) -> None:
    known = Known(ROSTER.teams, ROSTER.people, sponsored=frozenset(sponsored))

    assert told(lambda d: d["ladders"]["normal"][1].update(notify=["sponsor"]), known) == faults
