"""The numbers of a demo: what each is a part of, how they sum up, and which leads to look at."""

from typing import Any

from rich.console import Console

from tests.workers.demo_lives import ASSIGNED, KEPT, OVERDUE, WARNED, clock, hand_off, lead
from workers.demo.findings import story_of
from workers.demo.played import Played, Refusal
from workers.demo.report import MOST_SUBJECTS, document, example_of, line_of, line_of_promise, show
from workers.demo.story import Story
from workers.demo.tally import Finding, findings, kept

SAVED = story_of("saved", lead([hand_off(touched=40)], KEPT, stage="won"), ASSIGNED + WARNED)
QUICK = story_of("quick", lead([hand_off(touched=20)], KEPT, stage="working"), ASSIGNED)
LATE = story_of("late", lead([hand_off(touched=90)], clock(outcome="breached")), ASSIGNED)
IDLE = story_of("idle", lead([hand_off(is_ignored=True)], OVERDUE), ASSIGNED)
READER = story_of("reader", lead([], stage="nurturing"), [])
SPAM = story_of("spam", lead([hand_off(touched=5)], OVERDUE, stage="disqualified", is_counted=False), ASSIGNED + WARNED)
STORIES = [SAVED, QUICK, LATE, IDLE, READER, SPAM]


def told(stories: list[Story] = STORIES) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings(stories, hour_seconds=60)}


def printed(stories: list[Story], played: Played) -> str:
    console = Console(record=True, width=60)
    show(console, stories, played, hour_seconds=60)
    return console.export_text()


def test_no_lead_stands_in_its_own_line_and_in_no_denominator() -> None:
    found = told()
    assert (found["captured"].leads, found["captured"].of) == (6, None)
    assert (found["not a lead"].subjects, found["not a lead"].of) == (["spam"], 6)
    # 6 captured, 1 of them none; 1 of 5 with marketing, so 4 with sales
    assert (found["with marketing"].leads, found["handed to sales"].leads, found["handed to sales"].of) == (1, 4, 5)
    assert {f.of for f in found.values() if f.of_what == "handed to sales"} == {4}
    assert (found["warned"].subjects, found["saved"].subjects) == (["saved"], ["saved"])


def test_in_time_late_and_untouched_are_all_there_is() -> None:
    found = told()
    assert [found[name].subjects for name in ("in time", "late", "untouched")] == [
        ["saved", "quick"],
        ["late"],
        ["idle"],
    ]
    assert "2 in time + 1 late + 1 untouched = 4" in found["late"].meaning
    # 20 s, 40 s and 90 s, of an hour that lasts 60 s
    assert "half within 0.7 shortened hours" in found["untouched"].meaning


def test_a_line_shows_its_arithmetic() -> None:
    said = "1 of 4 handed to sales = 25%; no touch by the horizon; this stays in the books"
    assert " ".join(line_of(told()["ignored"]).split()) == f"ignored {said}"


def test_promises_sum_up_and_name_who_broke_them() -> None:
    [promise] = kept(STORIES)
    assert (promise.name, promise.total, promise.broken) == ("first_touch", 4, ["late", "idle"])
    said = "first_touch 4 = 2 kept + 2 broken; kept 2 of 4 = 50%"
    assert " ".join(line_of_promise(promise).split()) == said


def test_every_number_comes_with_a_lead_to_look_at_on_a_line_of_its_own() -> None:
    lines = [line.strip() for line in printed(STORIES, Played()).splitlines()]
    assert {f"leadloop lead explain {story.subject}" for story in STORIES} <= set(lines)
    assert "leadloop lead explain late   (broken)" in lines
    assert any(line.startswith("untouched") for line in lines)


def test_examples_differ_where_they_can() -> None:
    assert [example_of(["a", "b"], shown) for shown in (set(), {"a"}, {"a", "b"})] == ["a", "b", "a"]


def test_a_refusal_is_told_with_what_was_said() -> None:
    played = Played(granted=2, refused=1, refusals=[Refusal("saved", "recycle", "2 of 8 attempts so far")])
    said = printed(STORIES, played)
    assert "3 commands given = 2 granted + 1 refused." in said.replace("\n", " ")
    assert "A refusal: recycle: 2 of 8 attempts so far" in said


def test_a_run_without_any_lead_can_be_told() -> None:
    assert {finding.leads for finding in told([]).values()} == {0}
    assert "0 events sent" in printed([], Played())


def test_programs_get_the_same_numbers_with_the_leads_behind_them() -> None:
    many = [story_of(f"lead-{n}", lead([hand_off()], OVERDUE), ASSIGNED) for n in range(MOST_SUBJECTS + 10)]
    made: dict[str, Any] = document(
        STORIES + many, Played(sent=9, repeats=1), run_name="demo-1", seed=1, hour_seconds=60
    )
    assert made["leads"]["handed_to_sales"] == 64
    assert (made["median_seconds_to_touch"], made["events_sent"]) == (40.0, 9)
    untouched = next(finding for finding in made["findings"] if finding["name"] == "untouched")
    assert (untouched["leads"], untouched["of"], len(untouched["subjects"])) == (61, 64, MOST_SUBJECTS)
    [promise] = made["promises"]
    assert (promise["promise"], promise["kept"], promise["broken"], promise["total"]) == ("first_touch", 2, 62, 64)
