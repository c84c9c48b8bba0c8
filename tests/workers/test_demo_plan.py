"""The demo's script is the same for the same seed, believable in its shares, and valid under the playbooks."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from leads.events import EVENTS
from leads.promises import ClockName
from storage.playbooks import default_text, read_playbook
from workers.demo.plan import BUSINESS_DAY, HOURS, By, PlannedEvent, hour_seconds, plan
from workers.demo.playbook import SHORTEST_TARGET_SECONDS, demo_playbook

LEADS = 2000
SCRIPT = plan(7, LEADS, 60)
HOUR = timedelta(seconds=hour_seconds(60))


BY_LEAD: dict[int, list[PlannedEvent]] = {}
for planned in SCRIPT:
    BY_LEAD.setdefault(planned.lead, []).append(planned)


def test_a_seed_is_a_script() -> None:
    assert plan(1, 30, 10) == plan(1, 30, 10)
    assert plan(1, 30, 10) != plan(2, 30, 10)


def test_events_come_in_the_order_they_are_sent_and_within_the_time_given() -> None:
    sent = [event.sent_after for event in SCRIPT]
    assert sent == sorted(sent)
    assert sent[-1] < timedelta(minutes=60)
    assert timedelta(seconds=hour_seconds(60)) * HOURS == timedelta(minutes=60)


def test_every_lead_is_captured_first_and_ids_repeat_only_on_purpose() -> None:
    for number in (1, 2, LEADS):
        assert BY_LEAD[number][0].type == "lead.captured"
    ids = Counter(event.id for event in SCRIPT if not event.repeats)
    assert set(ids.values()) == {1}
    repeats = [event for event in SCRIPT if event.repeats]
    assert all(event.id in ids for event in repeats)
    # 4 % of them
    assert 0.03 < len(repeats) / len(ids) < 0.05


def test_what_is_planned_is_a_valid_event_once_it_has_an_actor() -> None:
    for event in SCRIPT:
        at = {"at": datetime.now(UTC)} if event.meets_after is not None else {}
        if not event.repeats:
            model = EVENTS[event.type]
            assert isinstance(model.model_validate(event.data | at | {"by": "ana"}), model)


def test_addresses_end_in_example_com_and_tell_people_apart() -> None:
    emails = [e.data["email"] for e in SCRIPT if e.type == "lead.captured" and not e.repeats]
    assert all(email.endswith(".example.com") for email in emails)
    assert len(set(emails)) == LEADS


def test_reactions_of_raised_hands_have_the_shares_of_the_audit() -> None:
    """By the first owner's own act: late word counts when it comes."""
    raised = {e.lead: e.sent_after for e in SCRIPT if e.type == "lead.hand_raised" and not e.repeats}
    shares: Counter[str] = Counter()
    for lead, at in raised.items():
        own = [
            e for e in BY_LEAD[lead]
            if e.type == "lead.touched" and e.by in (By.OWNER, By.FIRST_OWNER) and not e.after_touch
            and not e.repeats and e.data.get("mode") != "sequence_auto"
        ]  # fmt: skip
        if not own:
            shares["never"] += 1
        else:
            passed = (own[0].sent_after - at) / HOUR
            shares["hour" if passed <= 1 else "day" if passed <= BUSINESS_DAY else "later"] += 1
    total = len(raised)
    for name, audited in {"hour": 0.37, "day": 0.16, "later": 0.24, "never": 0.23}.items():
        assert abs(shares[name] / total - audited) < 0.03, name


def test_late_word_tells_of_a_touch_in_time_after_the_promise_was_due() -> None:
    late = [event for event in SCRIPT if event.happened_after is not None]
    assert len(late) > LEADS * 0.16 * 0.35 * 0.5
    for event in late:
        assert event.by is By.FIRST_OWNER
        assert event.happened_after is not None
        assert event.sent_after - event.happened_after > HOUR * 0.3


def test_reasons_are_those_of_the_playbook() -> None:
    known = read_playbook(default_text(), 2026).reasons
    given = {e.data["reason"] for e in SCRIPT if e.type in ("lead.rejected", "lead.recycled", "lead.lost") and e.data}
    assert given <= set(known)
    assert len(given) > 6


def test_the_demo_s_playbook_shortens_every_span_and_is_always_open() -> None:
    made = read_playbook(demo_playbook(default_text(), 60), 2026)
    default = read_playbook(default_text(), 2026)
    hot, hot_before = made.segment("hot"), default.segment("hot")

    # an hour lasts a minute: the audit's hour is the promise, nine hours are the horizon
    assert hot.promises[ClockName.FIRST_TOUCH].length == timedelta(minutes=1)
    assert hot.ignored_after.length == hot_before.ignored_after.length / 60 == timedelta(minutes=9)
    assert [rung.offset for rung in made.ladders["hot"]] == [rung.offset / 60 for rung in default.ladders["hot"]]
    assert made.evidence.lag == "PT2S"
    assert made.calendars["office"].weekly["sun"] == made.calendars["office"].weekly["mon"]
    assert set(made.reasons) == set(default.reasons)


def test_no_promise_is_too_short_for_a_machine() -> None:
    made = read_playbook(demo_playbook(default_text(), hour_seconds(2)), 2026)
    shortest = min(promise.length for segment in made.segments for promise in segment.promises.values())
    assert shortest == timedelta(seconds=SHORTEST_TARGET_SECONDS)
