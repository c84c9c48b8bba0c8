"""The demo's script is the same for the same seed, believable in its shares, and valid under the playbooks."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from leads.commands import COMMANDS, Command
from leads.events import EVENTS
from storage.playbooks import default_text, read_playbook
from tests.storage.new_events import NOON
from workers.demo.plan import BUSINESS_DAY, HOURS, hour_seconds, plan
from workers.demo.script import Act, By, When

LEADS = 2000
SCRIPT = plan(7, LEADS, 60)
HOUR = timedelta(seconds=hour_seconds(60))


BY_LEAD: dict[int, list[Act]] = {}
for act in SCRIPT:
    BY_LEAD.setdefault(act.lead, []).append(act)
NO_LEADS = {act.lead for act in SCRIPT if act.data.get("kind") == "not_a_lead"}
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


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


def test_what_is_planned_is_a_valid_event_or_command_once_it_has_an_actor() -> None:
    now = datetime.now(UTC)
    for act in SCRIPT:
        data = act.data | {name: now + then for name, then in act.dates.items()}
        if act.is_command:
            made = _COMMAND.validate_python(data | {"command": act.type})
            assert isinstance(made, COMMANDS[act.type])
        elif not act.repeats:
            assert isinstance(EVENTS[act.type].model_validate(data | {"by": "ana"}), EVENTS[act.type])


def test_commands_have_an_actor_and_come_once() -> None:
    commands = [act for act in SCRIPT if act.is_command]
    assert {act.type for act in commands} > {"accept", "claim", "callback", "waive", "touch", "return", "feedback"}
    assert not any(act.repeats or act.by is By.NOBODY for act in commands)


def test_an_act_that_follows_another_comes_after_it() -> None:
    sent_after = {act.id: act.sent_after for act in SCRIPT if not act.repeats}
    following = [act for act in SCRIPT if act.follows]
    assert len(following) > LEADS / 10
    assert all(sent_after[str(act.follows)] < act.sent_after for act in following)


def test_addresses_end_in_example_com_and_tell_people_apart() -> None:
    emails = [e.data["email"] for e in SCRIPT if e.type == "lead.captured" and not e.repeats]
    assert all(email.endswith(".example.com") for email in emails)
    assert len(set(emails)) == LEADS


def test_reactions_of_raised_hands_have_the_shares_of_the_audit() -> None:
    """By the first owner's own act: late word counts when it comes. Who is no lead takes no part."""
    raised = {a.lead: a.sent_after for a in reversed(SCRIPT) if a.type == "lead.hand_raised" and not a.repeats}
    raised = {lead: at for lead, at in raised.items() if BY_LEAD[lead][0].sent_after == at and lead not in NO_LEADS}
    shares: Counter[str] = Counter()
    for lead, at in raised.items():
        own = [
            a for a in BY_LEAD[lead]
            if a.type in ("lead.touched", "touch") and a.by in (By.OWNER, By.FIRST_OWNER) and a.when is not When.TOUCHED
            and not a.repeats and a.data.get("mode") != "sequence_auto"
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
    known = read_playbook(default_text(), NOON).reasons
    told = ("lead.rejected", "lead.recycled", "lead.returned", "lead.lost", "reject", "recycle", "return", "callback")
    given = {act.data["reason"] for act in SCRIPT if act.type in told and act.data}
    assert given <= set(known)
    assert len(given) > 6
