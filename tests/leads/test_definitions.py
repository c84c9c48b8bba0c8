"""What the words mean here: as agreed, beside the rules in sentences; and when it is time to look at them again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leads.playbook_check import check
from leads.playbook_names import Known
from leads.telling.definitions import DefinitionsPage, definitions_page
from leads.telling.words import Names
from tests.builders import playbook

AGREED = {
    "lead": "A person at a company that could buy.",
    "qualified_lead": "Wants to talk to us.\nOr has read a lot.",
    "real_touch": "We spoke, or tried to.",
    "stages": {"working": "We are talking."},
    "sales_owner": "ana",
    "marketing_owner": "mo",
    "review_by": "2026-12-31",
}
NAMES = Names({"ana": "Ana Huber"}, {"sales": "Sales"})
IN_TIME = datetime(2026, 12, 31, 22, tzinfo=UTC)


def page(now: datetime = IN_TIME, **changes: Any) -> DefinitionsPage:
    return definitions_page(playbook(**changes), revision=3, in_force_from=IN_TIME, now=now, names=NAMES)


def rules(shown: DefinitionsPage, name: str) -> tuple[str, ...]:
    return next(meaning.rules for meaning in shown.meanings if meaning.name == name)


def test_words_stand_beside_the_rules() -> None:
    shown = page(definitions=AGREED)

    words = {meaning.name: meaning.words for meaning in shown.meanings}
    assert words["qualified_lead"] == "Wants to talk to us.\nOr has read a lot."
    assert (words["working"], words["won"]) == ("We are talking.", None)
    assert "“hot”: the buyer raised a hand; to Sales." in rules(shown, "lead")
    assert "So it is once its score reaches 50 points." in rules(shown, "qualified_lead")
    assert rules(shown, "assigned")[2] == (
        "Promised from then on: first touch, 4 hours of working time for “known”; 15 minutes of working time "
        "(1 hour from opening where it came in while closed) for “hot”; 9 hours of working time for “named”; "
        "18 hours of working time for “event”; 8 hours of working time for “normal”."
    )
    assert rules(shown, "working")[1] == "A lead may stay there for 30 days day and night."


def test_rules_follow_the_playbook() -> None:
    shown = page(
        real_touch={"channels": ["call"], "modes": ["manual"], "min_call_seconds": 30, "booked_meetings": False},
        stages={"working": {"target": "PT5H", "hours": "owner"}},
    )

    assert rules(shown, "real_touch")[0].startswith("A real touch is a call, made by a person; what is done by hand")
    assert rules(shown, "real_touch")[0].endswith("A call counts from 30 seconds on.")
    assert rules(shown, "working")[1] == "A lead may stay there for 5 hours of working time in the owner's own hours."


@pytest.mark.parametrize(
    ("zone", "now", "seconds"),
    [
        # the 31st is the last day on which they hold
        ("UTC", "2026-12-31T23:59:59", 0),
        ("UTC", "2027-01-01T00:00:00", 0),
        ("UTC", "2027-01-01T00:00:01", 1),
        ("UTC", "2027-01-02T01:00:00", 25 * 3600),
        ("America/New_York", "2027-01-01T04:59:59", 0),
        ("America/New_York", "2027-01-01T05:00:10", 10),
    ],
)
def test_the_review_is_overdue_once_its_day_is_over_where_the_calendar_is(zone: str, now: str, seconds: int) -> None:
    office = {"timezone": zone, "weekly": {"mon": [["09:00", "17:00"]]}}
    shown = page(
        datetime.fromisoformat(now).replace(tzinfo=UTC), definitions=AGREED, calendars={"office": office}
    )  # fmt: skip

    assert shown.overdue_seconds == seconds
    assert bool(shown.warnings) is (seconds > 0)


def test_who_is_to_see_to_it_is_named() -> None:
    shown = page(datetime(2027, 2, 1, tzinfo=UTC), definitions=AGREED)

    assert list(shown.warnings) == [
        (
            "The definitions were to be reviewed by 2026-12-31: Ana Huber and mo look at them again, and publish them "
            "with a later review_by."
        )
    ]


def test_without_definitions_the_rules_stand_alone() -> None:
    shown = page()

    assert (shown.sales_owner, shown.review_by, shown.overdue_seconds, shown.warnings) == (None, None, 0, ())
    assert {meaning.words for meaning in shown.meanings} == {None}


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"sales_owner": "ghost"}, "definitions.sales_owner", "there is no person 'ghost' in the roster"),
        ({"marketing_owner": "ghost"}, "definitions.marketing_owner", "there is no person 'ghost' in the roster"),
        ({"review_by": "soon"}, "definitions.review_by", "a date is YYYY-MM-DD"),
        ({"review_by": "2026-02-30"}, "definitions.review_by", "there is no such date"),
        ({"lead": " "}, "definitions.lead", "at least 1 character"),
        ({"lead": "\x1b[2J"}, "definitions.lead", "match"),
        ({"lead": "x" * 2001}, "definitions.lead", "at most 2000"),
        ({"stages": {"sold": "?"}}, "definitions.stages.sold", "must be"),
        ({"author": "me"}, "definitions.author", "there is no such key"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], path: str, reason: str) -> None:
    document = playbook().model_dump(mode="json", by_alias=True) | {"definitions": AGREED | change}

    _, faults = check(document, Known(frozenset({"sales", "closers", "partners"}), frozenset({"ana", "mo"})))

    assert [(fault.place, reason in fault.reason) for fault in faults] == [(path, True)], faults
