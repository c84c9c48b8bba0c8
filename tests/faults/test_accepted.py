"""The audit holds each fact in the journal to what its sender posted, and to what the sender was answered."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.faults.audit import Witnesses, audit
from tests.faults.sent import EventId, Said, Sent

E1, E2, E3 = ("crm", "e1"), ("crm", "e2"), ("crm", "e3")


def sent_of(lead: str, database_url: str) -> Sent:
    """What the sender of this lead has posted and was answered."""
    with psycopg.connect(database_url) as connection:
        [at] = connection.execute("SELECT effective_at FROM journal WHERE event_id = 'e1'").fetchone() or [None]
    assert isinstance(at, datetime)
    captured: dict[str, Any] = {"source": "website", "email": "ana@example.com"}
    posted: dict[EventId, Said] = {
        E1: Said("lead-1", "lead.captured", at, captured),
        E2: Said("lead-1", "lead.hand_raised", at, {"kind": "demo"}),
    }
    return Sent({E1: (lead, 1), E2: (lead, 2)}, posted)


async def found(database_url: str, sent: Sent) -> list[str]:
    return (await audit(database_url, Witnesses(sent))).differences


async def test_a_lead_in_order_passes_before_its_sender(lead: str, database_url: str) -> None:
    assert await found(database_url, sent_of(lead, database_url)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE journal SET type = 'lead.engaged' WHERE event_id = 'e2'", "e2') has another type"),
        ("UPDATE journal SET data = data || '{\"kind\": \"call\"}' WHERE event_id = 'e2'", "e2') has another data"),
        ("UPDATE journal SET data = data || '{\"more\": null}' WHERE event_id = 'e1'", "e1') has another data"),
        (
            "UPDATE journal SET effective_at = effective_at + interval '1 microsecond' WHERE event_id = 'e1'",
            "e1') has another effective_at",
        ),
        (
            "UPDATE journal SET effective_at = effective_at - interval '1 minute' WHERE event_id = 'e1'",
            "e1') has another effective_at",
        ),
        ("UPDATE journal SET backfill = true WHERE event_id = 'e1'", "e1') has another backfill"),
        ("UPDATE identities SET key = 'lead-2'", "the subject of event ('crm', 'e1') is not known"),
        ("DELETE FROM identities", "the subject of event ('crm', 'e2') is not known"),
    ],
)
async def test_an_entry_that_is_not_what_was_posted_is_named(
    lead: str, database_url: str, change: str, told: str
) -> None:
    sent = sent_of(lead, database_url)
    with psycopg.connect(database_url) as connection:
        assert connection.execute(change).rowcount == 1
    assert any(told in difference for difference in await found(database_url, sent))


async def test_a_clock_ahead_counts_as_of_when_it_was_looked_at(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    said = sent.posted[E2]
    sent.posted[E2] = Said(said.subject, said.type, said.at + timedelta(minutes=2), said.data)
    assert await found(database_url, sent) == []


async def test_what_was_accepted_and_is_gone_or_elsewhere_is_named(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    sent.accepted |= {E1: (lead, 2), E3: (lead, 3)}
    sent.posted[E3] = sent.posted[E2]
    differences = await found(database_url, sent)
    assert len(differences) == 2
    assert "('crm', 'e1') was to be" in differences[0]
    assert "('crm', 'e3') is in the journal 0 times" in differences[1]


async def test_what_was_posted_and_never_named_by_an_answer_is_named(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    sent.posted[E3] = sent.posted[E2]
    assert await found(database_url, sent) == ["event ('crm', 'e3') was posted, and no answer names it"]


async def test_what_was_accepted_and_never_posted_is_named(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    del sent.posted[E1]
    assert await found(database_url, sent) == ["event ('crm', 'e1') was accepted, but never posted"]


async def test_a_subject_split_over_two_leads_is_named(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    sent.accepted[E2] = ("another", 1)
    assert any(told.startswith("one subject was answered as several") for told in await found(database_url, sent))


async def test_two_subjects_on_one_lead_are_named(lead: str, database_url: str) -> None:
    sent = sent_of(lead, database_url)
    said = sent.posted[E2]
    sent.posted[E2] = Said("lead-2", said.type, said.at, said.data)
    assert f"2 subjects were answered as lead {lead}" in await found(database_url, sent)
