"""The playbook: the numbers it starts with, and every mistake refused with what to do."""

from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
import yaml

from leads.events import HandOffKind
from leads.playbook import Playbook
from leads.playbook_check import check
from leads.promises import ClockName, Recipient

Document = dict[str, Any]
BUSINESS_DAY_HOURS = 9


def document() -> Document:
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    loaded: Document = yaml.safe_load(text)
    return loaded


DEFAULT = Playbook.model_validate(document())


FROM_THEN_ON = {"next_step": "PT9H", "reply": "PT4H", "meeting_outcome": "PT4H", "feedback": "PT18H"}
"""Once the buyer has been reached: 1 bd, 4 wh, 4 wh, 2 bd; the same in every segment."""


def promises(segment: str) -> dict[str, str]:
    found = {
        str(clock): " or ".join(filter(None, (p.target, p.if_arrived_closed)))
        for clock, p in DEFAULT.segment(segment).promises.items()
    }
    assert FROM_THEN_ON.items() <= found.items()
    return {clock: target for clock, target in found.items() if clock not in FROM_THEN_ON}


def effort(segment: str) -> tuple[int | None, int, str | None]:
    promise = DEFAULT.segment(segment).promises[ClockName.EFFORT]
    return promise.attempts, promise.channels, promise.max_gap


def test_a_lead_is_given_up_after_so_many_attempts_on_two_channels_and_no_gap_over_three_business_days() -> None:
    assert effort("hot") == (8, 2, "PT27H")
    assert effort("named") == effort("event") == effort("normal") == (6, 2, "PT27H")


def test_a_closer_accepts_within_eight_hours_and_reaches_out_within_a_business_day() -> None:
    closer = DEFAULT.passing(HandOffKind.REP_TO_CLOSER)
    assert closer is not None
    assert {str(clock): promise.target for clock, promise in closer.promises.items()} == {
        "assign": "PT1H", "accept": "PT8H", "first_touch": "PT9H", "next_step": "PT18H", "reply": "PT4H",
        "meeting_outcome": "PT4H", "feedback": "PT18H",
    }  # fmt: skip
    assert DEFAULT.passing_to("closers") is HandOffKind.REP_TO_CLOSER


def test_how_long_a_lead_may_stay_in_a_stage() -> None:
    assert {str(stage): limit.target for stage, limit in DEFAULT.stages.items()} == {
        "captured": "P1D", "nurturing": "P365D", "accepted": "PT9H", "working": "P30D",
    }  # fmt: skip


def bd(days: int) -> timedelta:
    return timedelta(hours=BUSINESS_DAY_HOURS * days)


@pytest.mark.parametrize(
    ("segment", "promised", "ignored_after"),
    [
        ("known", {"assign": "PT15M", "first_touch": "PT4H"}, bd(1)),  # reply 4 wh
        (
            "hot",  # assign 2 min, speed to lead and first touch 15 min; arrived while closed 1 h from opening
            {"speed_to_lead": "PT15M or PT1H", "assign": "PT2M", "first_touch": "PT15M or PT1H", "effort": "PT90H"},
            bd(1),
        ),
        (
            "named",
            {"assign": "PT15M", "accept": "PT4H", "first_touch": "PT9H", "effort": "PT135H"},
            bd(3),
        ),  # first touch 1 bd
        ("event", {"assign": "PT9H", "first_touch": "PT18H", "effort": "PT135H"}, bd(5)),  # first touch 2 bd
        ("normal", {"assign": "PT15M", "first_touch": "PT8H", "effort": "PT135H"}, bd(3)),
    ],
)
def test_the_default_promises_what_practice_says(
    segment: str, promised: dict[str, str], ignored_after: timedelta
) -> None:
    assert promises(segment) == promised
    assert DEFAULT.segment(segment).ignored_after.length == ignored_after


def test_a_raised_hand_is_assigned_in_elapsed_minutes() -> None:
    hot = DEFAULT.segment("hot").promises
    assert [str(clock) for clock, promise in hot.items() if promise.time == "elapsed"] == ["assign"]


def test_segments_are_tried_in_this_order_and_the_last_takes_the_rest() -> None:
    assert [segment.name for segment in DEFAULT.segments] == ["known", "hot", "named", "event", "normal"]
    assert DEFAULT.segments[-1].when is None


def test_the_calendar_is_nine_to_six_on_weekdays() -> None:
    weekly = DEFAULT.calendars[DEFAULT.calendar].model_dump(mode="json", exclude_none=True)["weekly"]
    assert {day: windows for day, windows in weekly.items() if windows} == {
        day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
    }


@pytest.mark.parametrize(
    ("ladder", "steps"),
    [
        ("hot", ["50% owner", "due owner", "due channel", "due+PT10M reassign", "due+PT1H manager"]),
        # 1 bd = 9 h; back to the queue 3 bd = 27 h after the hand-off, that is 8 h target + 19 h
        ("normal", ["75% owner", "due owner", "due+PT4H manager", "due+PT9H reassign", "due+PT19H queue"]),
    ],
)
def test_the_default_ladders(ladder: str, steps: list[str]) -> None:
    told = [
        f"{rung.at} " + ("reassign" if rung.reassign else "queue" if rung.to_queue else ",".join(rung.notify))
        for rung in DEFAULT.ladders[ladder]
    ]
    assert told == steps


def test_hops_are_two_for_the_hot_and_one_for_the_normal() -> None:
    hops = {name: [r.max_hops for r in rungs if r.reassign] for name, rungs in DEFAULT.ladders.items()}
    assert {name: bounds for name, bounds in hops.items() if bounds} == {"hot": [2], "normal": [1]}


@pytest.mark.parametrize(
    ("reason", "consequence", "checkable", "wait"),
    [
        ("duplicate", "disqualify", True, None),
        ("bad_data", "fix_data", True, "P2D"),
        ("customer", "reroute", True, None),
        ("competitor", "disqualify", True, None),
        ("wrong_territory", "reroute", True, None),
        ("no_fit", "disqualify", False, None),
        ("no_budget", "recycle", False, "P90D"),
        ("bad_timing", "callback", False, "P90D"),
        ("no_need", "recycle", False, "P180D"),
        ("chose_other", "recycle", False, "P270D"),
        ("unable_to_reach", "recycle", False, "P45D"),
        ("other", "recycle", False, "P90D"),
    ],
)
def test_reasons_lead_to_these_consequences(
    reason: str, consequence: str, *, checkable: bool, wait: str | None
) -> None:
    of_playbook = DEFAULT.reasons[reason]
    assert (of_playbook.consequence, of_playbook.checkable) == (consequence, checkable)
    assert wait is None or of_playbook.wait == wait


def test_only_these_five_reasons_can_be_checked_without_a_call() -> None:
    assert sum(reason.checkable for reason in DEFAULT.reasons.values()) == 5


def test_a_rung_alarms_above_the_owner_unless_only_the_owner_hears() -> None:
    ladders = {name: DEFAULT.ladders[name] for name in ("hot", "normal")}
    above = {f"{name}/{rung.rung}" for name, rungs in ladders.items() for rung in rungs if rung.is_above_owner}
    assert above == {
        "hot/due_channel", "hot/move", "hot/manager", "normal/manager", "normal/move", "normal/queue",
    }  # fmt: skip
    assert set(DEFAULT.ladders["hot"][0].notify) == {Recipient.OWNER}


def changed(change: Callable[[Document], Any]) -> Document:
    changed_document = document()
    change(changed_document)
    return changed_document


def rung(**what: Any) -> Callable[[Document], Any]:
    return lambda d: d["ladders"].update(hot=[{"rung": "x", "at": "due", "notify": ["owner"]} | what])


def hot(**what: Any) -> Callable[[Document], Any]:
    return lambda d: d["segments"][1]["promises"]["first_touch"].update(what)


REFUSALS: list[tuple[Callable[[Document], Any], str]] = [
    (lambda d: d.update(calendar="shop"), "calendar: there is no calendar 'shop'; define it under calendars"),
    (
        hot(calendar="shop"),
        "segments.1.promises.first_touch.calendar: there is no calendar 'shop'; define it under calendars",
    ),
    (
        lambda d: d["segments"][0]["ignored_after"].update(calendar="shop"),
        "segments.0.ignored_after.calendar: there is no calendar 'shop'",
    ),
    (hot(ladder="steep"), "segments.1.promises.first_touch.ladder: there is no ladder 'steep'"),
    (
        lambda d: d["segments"].append(d["segments"][-1]),
        "segments.5.name: 'normal' is named twice, first at segments.4.name",
    ),
    (lambda d: d["segments"].pop(), "segments.3.when: the last segment must have no condition"),
    (lambda d: d["segments"][0].pop("when"), "segments.0: without a condition it hides every segment after it"),
    (
        lambda d: d["ladders"]["hot"].append(d["ladders"]["hot"][0]),
        "ladders.hot.5.rung: 'half' is named twice, first at ladders.hot.0.rung",
    ),
    (lambda d: d["reasons"].pop("other"), "reasons.other: is missing"),
    (
        lambda d: d["hand_offs"]["to_partner"].pop("teams"),
        "hand_offs.to_partner.teams: say which teams take leads over so",
    ),
    (lambda d: d["hand_offs"]["returned"].update(teams=["sales"]), "hand_offs.returned.teams: it goes back to whoever"),
    (lambda d: d["segments"][0].update(promise={}), "segments.0.promise: there is no such key"),
    (lambda d: d["segments"][0]["promises"].update(answer={"target": "PT1H"}), "must be 'speed_to_lead'"),
    (lambda d: d["segments"].clear(), "at least 1 item"),
    (hot(target="P1D"), "segments.1.promises.first_touch.target: days and weeks of working time are ambiguous"),
    (hot(target="15 minutes"), "a duration is ISO 8601 text"),
    (hot(target="PT15M", time="elapsed", calendar="office"), "calendar: elapsed time runs in no calendar"),
    (hot(time="elapsed"), "segments.1.promises.first_touch.if_arrived_closed: needs time: working"),
    (hot(if_arrived_closed="P1D"), "days and weeks of working time are ambiguous"),
    (rung(at="150%"), "a rung stands at 1% to 99%"),
    (rung(at="0%"), "a rung stands at 1% to 99%"),
    (rung(at="50%\n"), "a rung stands at 1% to 99%"),
    (rung(at="soon"), "a rung stands at 1% to 99%"),
    (rung(at="due+P1D"), "days and weeks of working time are ambiguous"),
    (rung(notify=[]), "a rung must notify, reassign or return to the queue"),
    (rung(reassign=True, to_queue=True), "a rung reassigns or returns to the queue, not both"),
    (rung(notify=["boss"]), "must be 'owner'"),
    (rung(max_hops=11), "less than or equal to 10"),
    (
        lambda d: d["ladders"].update(hot=[{"rung": f"r{i}", "at": "due", "to_queue": True} for i in range(21)]),
        "at most 20 items",
    ),
    (lambda d: d["reasons"].update({f"r{i}": {"consequence": "reroute"} for i in range(200)}), "at most 200 items"),
    (lambda d: d["evidence"].update(lag="2 min"), "a duration is ISO 8601 text"),
    (lambda d: d["evidence"].update(late_after="P1D"), "days and weeks of working time are ambiguous"),
    (lambda d: d["reasons"]["no_need"].update(wait="half a year"), "a duration is ISO 8601 text"),
    (lambda d: d["qualification"].update(nurture_after="15"), "a duration is ISO 8601 text"),
    (lambda d: d["nurture"].update(review_after="monthly"), "a duration is ISO 8601 text"),
    (lambda d: d.update(mode="loud"), "must be 'shadow'"),
    (lambda d: d.update(playbook=2), "must be 1"),
]


def told(document: Any) -> list[str]:
    return [f"{fault.place}: {fault.reason}" for fault in check(document)[1]]


@pytest.mark.parametrize(("change", "said"), REFUSALS)
def test_a_mistake_is_refused_and_the_message_says_where_and_what(change: Callable[[Document], Any], said: str) -> None:
    assert [line for line in told(changed(change)) if said in line]


def test_the_default_has_no_fault() -> None:
    assert told(document()) == []


def test_all_faults_of_a_document_are_told_at_once_of_whatever_kind() -> None:
    chosen = (REFUSALS[0], REFUSALS[3], REFUSALS[7], REFUSALS[8], REFUSALS[11], REFUSALS[-1])

    def spoil(d: Document) -> None:
        for change, _ in chosen:
            change(d)

    lines = told(changed(spoil))

    assert len(lines) == len(chosen)
    assert all(any(said in line for line in lines) for _, said in chosen)


def test_a_former_owner_is_kept_as_long_as_the_playbook_says_and_that_must_be_a_duration() -> None:
    assert DEFAULT.former_owner_for == "P90D"
    assert "a duration is ISO 8601 text" in told(document() | {"former_owner_for": "a while"})[0]


def test_the_name_of_a_segment_that_is_gone_means_the_last() -> None:
    assert DEFAULT.segment("vanished").name == "normal"
