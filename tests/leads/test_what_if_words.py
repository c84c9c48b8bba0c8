"""A preview in sentences and tables: what an admin reads before publishing."""

from collections import Counter
from dataclasses import fields
from typing import Any

import pytest

from leads.telling.what_if import sentences
from leads.what_if.effect import Told
from leads.what_if.report import Looked, OpenPreview, Preview, Shifts
from leads.what_if.tally import ClockSums, OpenSums, Sums
from tests.builders import at, playbook
from tests.leads.what_ifs import CARRY, asked, previewed, promising

MINUTE, HOUR = 60, 3600


TEN = Looked(leads=10, of=10)
COUNTED = {each.name for each in fields(OpenSums) if each.default_factory is Counter}


def said(looked: Looked = TEN, **sums: Any) -> list[str]:
    """The sentences of sums over ten leads, one of them touched."""
    made = OpenSums(leads=10, touched=1)
    for name, value in sums.items():
        setattr(made, name, value)
    found = OpenPreview.of(made, looked)
    return sentences(Preview(at=at(0), base=1, running=CARRY, open=found))


def moves(**shifts: dict[int, int]) -> dict[str, Sums]:
    return {name: ClockSums(running=99, shifts=Counter(each)) for name, each in shifts.items()}


def test_a_whole_preview_in_sentences() -> None:
    leads = [asked(at(begun), name=f"lead-{begun}") for begun in range(14)]

    found = previewed(leads, promising(first_touch="PT10M"), at(13.5), CARRY, since=at(0))

    assert found.summary == [
        "14 of 14 open leads are touched.",
        # begun from 09:04 on: due after 10 and not after 15 minutes
        "10 promises move, by 5 minutes earlier.",
        # begun until 09:03: due by 09:13
        (
            "4 promises would be broken by the edit itself: 4 first touch. They are held until somebody confirms it; "
            "then 8 notices would go out."
        ),
        # half the time is now five minutes: what that puts into the past is told nobody
        "Nobody would be told anything more or less at once.",
        (
            "Since 2026-06-01, in 14 hand-offs: 22.2% of the promises would have been missed (4 of 18) instead of 0.0% "
            "(0 of 14)."
        ),
        "4 promises not missed before would have been missed.",
        (
            "For 22.2% of the promises instead of 0.0% somebody above the owner would have been alarmed, or the lead "
            "taken away."
        ),
    ]


def test_a_draft_without_effect_says_so() -> None:
    assert previewed([asked()], playbook(), at(5), since=at(-60)).summary == [
        "Nothing changes for 1 open lead.",
        "Since 2026-06-01 the draft would have changed nothing for 1 hand-off: 0.0% of 1 promise were missed.",
    ]


@pytest.mark.parametrize(
    ("shifts", "sentence"),
    [
        ({"first_touch": {-5 * MINUTE: 1}}, "1 promise moves, by 5 minutes earlier."),
        ({"first_touch": {2 * HOUR: 3}}, "3 promises move, by 2 hours later."),
        (
            {"first_touch": {-MINUTE: 1, -HOUR: 3}, "reply": {-2 * HOUR: 1}},
            "5 promises move, by 1 hour earlier on the median (from 2 hours earlier to 1 minute earlier).",
        ),
        (
            {"first_touch": {-HOUR: 3, HOUR: 1}},
            (
                "4 promises move: 3 earlier and 1 later, by 1 hour earlier on the median "
                "(from 1 hour earlier to 1 hour later)."
            ),
        ),
    ],
)
def test_how_promises_move(shifts: dict[str, dict[int, int]], sentence: str) -> None:
    assert said(clocks=moves(**shifts))[1] == sentence


@pytest.mark.parametrize(
    ("sums", "sentence"),
    [
        (
            {"clocks": {"reply": ClockSums(ended=2, started=3)}},
            "No promise that runs moves; 2 would end; 3 would start.",
        ),
        (
            {"breaches_new": {"assign": 2}, "breaches_caused": {"assign": 2}, "leads_breached": 1},
            "2 promises would be broken at once on 1 lead: 2 finding an owner.",
        ),
        (
            {"notices_new": {Told("breach", "due", "owner"): 2, Told("breach", "due", "manager"): 1}},
            "3 notices would go out at once because of it: 2 to owners, 1 to managers.",
        ),
        ({"retractions": 1}, "1 alarm of broken promises would be taken back."),
        ({"decisions_new": {"qualified": 1}}, "1 lead would be handed to sales at once."),
        (
            {"decisions_old": {"nurtured": 2}},
            "2 leads that now would be would not be taken up by marketing at once.",
        ),
        (
            {"segments": {("a", "b"): 4, ("b", "c"): 3, ("c", "d"): 2, ("d", "e"): 1}},
            "10 leads change the segment: 4 from a to b, 3 from b to c, 2 from c to d and 1 between others.",
        ),
        ({"teams": {("sales", "field"): 1}}, "1 lead changes the team: 1 from sales to field."),
    ],
)
def test_what_would_happen_at_once(sums: dict[str, Any], sentence: str) -> None:
    assert sentence in said(TEN, **{name: Counter(each) if name in COUNTED else each for name, each in sums.items()})


def test_what_was_left_out_is_said() -> None:
    looked = Looked(leads=10, of=50, is_sample=True, unread=1, unreadable=2, too_long=3)

    assert said(looked)[-4:] == [
        "An even sample of 10 of 50 open leads was looked at; the figures are of these.",
        "Left out: 1 of the open leads, since too much mail waits to be read.",
        "Left out: 2 of the open leads, since their journal cannot be read.",
        "Left out: 3 of the open leads, since their journal is too long.",
    ]


def test_the_distribution_has_every_move_in_one_step() -> None:
    shifts = {-8 * 24 * HOUR: 1, -15 * MINUTE: 2, -1: 4, 1: 8, 15 * MINUTE: 17, 8 * 24 * HOUR: 32}

    found = OpenPreview.of(OpenSums(clocks=moves(reply=shifts)), Looked(leads=1, of=1))  # type: ignore[arg-type]

    steps = [(each.from_seconds, each.to_seconds, each.promises) for each in found.shifts if each.promises]
    week = 7 * 24 * HOUR
    assert steps == [
        (None, -week, 1), (-15 * MINUTE, 0, 6), (0, 15 * MINUTE, 8), (15 * MINUTE, HOUR, 17), (week, None, 32),
    ]  # fmt: skip
    assert (found.moved, found.earlier, found.later) == (64, 7, 57)
    assert found.shift == Shifts(
        least=-8 * 24 * HOUR, p10=-1, median=15 * MINUTE, p90=8 * 24 * HOUR, most=8 * 24 * HOUR
    )
