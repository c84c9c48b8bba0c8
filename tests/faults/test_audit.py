"""The audit finds nothing where nothing is wrong, and names what is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio

from storage.engine import create_engine
from storage.journal import Journal
from storage.playbooks import Shelves
from storage.step_store import StepStore
from tests.faults.audit import audit
from tests.storage.new_events import new_event
from workers.furnish import furnish

CORRECTED = (
    "INSERT INTO timeline SELECT lead_id, 99, 'corrected:' || {key} || '@2', {at}, now(), 'corrected',"
    " jsonb_build_object('corrects', {key}, 'cause', 'late_fact') FROM timeline WHERE kind = 'owner_set'"
)
TAMPERED = [
    ("DELETE FROM timeline WHERE kind = 'fact' AND number = 1", "an entry is not in the timeline exactly once"),
    ("DELETE FROM journal WHERE book = 'mail' AND number = 1", "a lead's mail has a gap"),
    ("DELETE FROM journal WHERE book = 'own' AND number = 1", "a lead's own book has a gap"),
    ("DELETE FROM receipts WHERE event_id = 'e1'", "a journal entry has no receipt"),
    ("DELETE FROM identities", "a lead has no identity"),
    ("UPDATE identities SET entity_id = gen_random_uuid()", "an identity leads to no lead"),
    ("UPDATE leads SET rules_version = 0", "a lead's row and its state are of different rules"),
    (CORRECTED.format(key="key || 'x'", at="at"), "a correction is of no line of its instant"),
    (CORRECTED.format(key="key", at="at + interval '1 second'"), "a correction is of no line of its instant"),
    (CORRECTED.format(key="key", at="at"), "the timeline lacks owner:"),
    (
        (
            "INSERT INTO journal"
            " SELECT lead_id, book, 9, kind, type, effective_at, source, event_id, data, recorded_at"
            " FROM journal WHERE event_id = 'e1'"
        ),
        "an event is in the journal more than once",
    ),
    (
        (
            "INSERT INTO journal"
            " SELECT lead_id, book, 99, kind, type, effective_at, source, event_id, data, recorded_at"
            " FROM journal WHERE type = 'assigned'"
        ),
        "a choice is journalled more than once",
    ),
    ("UPDATE timeline SET at = at - interval '1 second' WHERE kind = 'owner_set'", "has another at in its row"),
    (
        "UPDATE timeline SET data = data || '{\"owner\": \"zoe\"}' WHERE kind = 'owner_set'",
        "has another data in its row",
    ),
    ("UPDATE mailboxes SET read_to = 1", "mail is unread"),
    (
        "INSERT INTO tallies VALUES ('stage_moves', '{provisional,captured}', '', 1)",
        "('stage_moves', ('provisional', 'captured'), '') is counted as 2.0, and anew as 1.0",
    ),
    ("INSERT INTO tally_cursors SELECT lead_id, 5 FROM leads", "('leads_captured'"),
    ("UPDATE leads SET wake_at = NULL", "a leak, without a next instant"),
    ("UPDATE leads SET wake_at = now() - interval '1 hour'", "a lead has not woken"),
    ("UPDATE leads SET wake_at = wake_at + interval '40 days'", "matters already"),
    ("UPDATE leads SET stage = 'won'", "the lead has another stage in its row"),
    (
        "UPDATE lead_states SET state = jsonb_set(state::jsonb, '{stage}', '\"won\"')::json",
        "the stored state's stage is not what the journal folds to",
    ),
    ("UPDATE clocks SET due_at = due_at + interval '1 second'", "has another due_at in its row"),
    ("UPDATE hand_offs SET owner = 'zoe'", "has another owner in its row"),
    ("DELETE FROM hand_offs", "is not in both"),
    ("UPDATE leads SET is_counted = false", "the lead has another is_counted in its row"),
    ("UPDATE leads SET ignored_at = now()", "the lead has another ignored_at in its row"),
    ("UPDATE leads SET owner = NULL", "a leak, with sales and without owner or queue"),
    (
        (
            "UPDATE leads SET owner = NULL; UPDATE clocks SET ended_at = NULL, started_at = now() - interval '1 hour'"
            " WHERE clock = 'assign'"
        ),
        "a leak, a raised hand unassigned for over 15 minutes",
    ),
    ("UPDATE actions SET state = 'done'", "a notice is done, and nobody was told"),
    ("DELETE FROM actions", "a notice issued is no action"),
    ("UPDATE actions SET state = 'withdrawn'", "an action is withdrawn without a decision"),
    ("UPDATE actions SET issued_at = now() - interval '1 hour'", "an action is lost"),
    ("UPDATE actions SET state = 'parked'", "an action is parked"),
    (
        "UPDATE journal SET data = jsonb_set(data, '{to}', '[\"owner:zoe\"]') WHERE type = 'notice_issued'",
        "but the facts it saw say",
    ),
]


async def test_a_lead_in_order_passes(lead: str, database_url: str) -> None:
    findings = await audit(database_url)
    assert findings.differences == [], lead
    assert (findings.counts["leads"], findings.counts["events"], findings.counts["notices_under_way"]) == (1, 2, 1)


@pytest.mark.parametrize(("change", "found"), TAMPERED)
async def test_what_is_not_in_order_is_named(lead: str, database_url: str, change: str, found: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(change).rowcount == 1 or "clocks" in change
    assert any(found in difference for difference in (await audit(database_url)).differences), lead


CLOSERS = {"owner": "carl", "team": "closers"}
RETURNED = {"by": "carl", "reason": "no_fit"}


@pytest_asyncio.fixture
async def won(database_url: str) -> AsyncIterator[str]:
    """A lead that Carl gave back twice and that was won then: he is asked what came of it, and once is enough."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    await furnish(database_url, now)
    engine = create_engine(database_url)
    given, back = ("lead.assigned", CLOSERS), ("lead.returned", RETURNED)
    told = [("lead.captured", None), ("lead.assigned", {"owner": "ana"}), given, back, given, back, ("lead.won", {})]
    events = [
        new_event(f"e{n}", type=name, data=data, at=now + timedelta(milliseconds=n))
        for n, (name, data) in enumerate(told)
    ]
    receipts = await Journal(engine).append(events, now)
    lead_id = receipts[0].lead_id
    assert lead_id is not None
    await StepStore(engine, Shelves(engine)).take_step(lead_id, now)
    yield str(lead_id)
    await engine.dispose()


async def test_questions_about_somebodys_burden_are_retaken_as_they_were_answered(won: str, database_url: str) -> None:
    assert (await audit(database_url)).differences == []
    with psycopg.connect(database_url) as connection:
        asked = "SELECT type, data->>'asked_of_late' FROM journal WHERE data->>'owner' = 'carl' AND type ~ 'feedback_'"
        assert sorted(connection.execute(asked)) == [("feedback_asked", "0"), ("feedback_spared", "1")]
        more = "UPDATE journal SET data = jsonb_set(data, '{asked_of_late}', '0') WHERE type = 'feedback_spared'"
        connection.execute(more)
    assert any("but the facts it saw say" in difference for difference in (await audit(database_url)).differences), won


async def test_an_ended_lead_that_does_not_wake_for_the_answer_it_is_owed_is_named(won: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE leads SET wake_at = NULL")
    [difference] = (await audit(database_url)).differences
    assert difference.startswith(f"{won}: the lead wakes at None")
