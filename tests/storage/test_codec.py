from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import from_json, to_json
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.commands import COMMANDS
from leads.decisions import DECISIONS
from leads.entries import Book, Entry, Kind
from leads.events import EVENTS, stream_of
from storage.codec import UnknownEntryError, to_entry, to_row
from storage.journal import Journal, read_all
from tests.storage.new_events import NOON, new_event

LEAD = UUID("01990000-0000-7000-8000-000000000001")
LATER = (NOON + timedelta(days=1)).isoformat()

SAMPLES: dict[str, dict[str, Any]] = {
    "lead.captured": {"source": "fair", "email": "Ana@Example.com", "attributes": {"budget": 10, "tags": ["a", None]}},
    "lead.updated": {"company": "Müller & Söhne", "country": "de"},
    "lead.linked": {"account": "acme", "keys": {"crm": "00Q1"}},
    "lead.consent_changed": {"channel": "email", "granted": True, "proof": "form 7"},
    "lead.engaged": {"kind": "email_clicked", "points": -3},
    "lead.reopened": {"reason": "asked again", "by": "ana"},
    "lead.hand_raised": {"kind": "demo", "words": 'Can you "show" us?\nSoon.'},
    "lead.qualified": {"reason": "score", "score": 70},
    "lead.assigned": {"owner": "ana", "team": "sales", "note": "yours"},
    "lead.accepted": {"by": "ana"},
    "lead.replied": {"channel": "email", "connected": True},
    "lead.touched": {"channel": "call", "evidence": "self_reported", "logged_at": LATER, "content": ["deck"]},
    "lead.meeting_booked": {"at": LATER, "meeting": "m1", "self_booked": True},
    "lead.meeting_held": {"at": LATER},
    "lead.meeting_missed": {"at": LATER},
    "lead.meeting_cancelled": {"at": LATER, "by": "buyer"},
    "lead.opportunity_opened": {"opportunity": "o1", "amount": 1234.56, "currency": "EUR"},
    "lead.won": {"opportunity": "o1", "amount": 1e6, "currency": "EUR"},
    "lead.lost": {"reason": "price"},
    "lead.returned": {"reason": "not mine"},
    "lead.rejected": {"reason": "student", "by": "ana"},
    "lead.recycled": {"wake_at": LATER, "reason": "later"},
    "lead.snoozed": {"until": LATER},
    "lead.released": {"list": "spring_fair_2026", "by": "mia"},
    "lead.unlisted": {"list": "spring_fair_2026", "reason": "cancelled"},
    "lead.disqualified": {"kind": "not_a_lead", "reason": "test"},
    "lead.feedback_given": {"quality": 4, "content_used": ["deck"], "words": "good fit"},
    "content.used": {"content": "deck", "stage": "working"},
    "lead.bounced": {"reason": "550"},
    "lead.complained": {"channel": "email"},
    "account.updated": {"domains": ["example.com"], "owner": "ana"},
    "person.absent": {"from": NOON.isoformat(), "until": LATER, "deputy": "bo"},
}


def test_there_is_a_sample_of_every_event_type() -> None:
    assert set(SAMPLES) == set(EVENTS)


@pytest.mark.parametrize("type_", [type_ for type_ in EVENTS if stream_of(type_) == "lead"])
async def test_what_a_sender_said_comes_back_from_the_journal(
    journal: Journal, engine: AsyncEngine, type_: str
) -> None:
    said = SAMPLES[type_] | {"unknown_field": {"kept": [1, "two"]}}
    [receipt] = await journal.append([new_event("1", type=type_, data=said, actor="key", backfill=True)], NOON)
    assert receipt.lead_id is not None

    async with engine.connect() as connection:
        [entry] = await read_all(connection, receipt.lead_id)

    assert entry == Entry(
        kind=Kind.FACT,
        type=type_,
        effective_at=NOON,
        source="crm",
        id="1",
        data=EVENTS[type_].model_validate(said),
        recorded_at=NOON,
        book=Book.MAIL,
        number=1,
        actor="key",
        backfill=True,
    )


@pytest.mark.parametrize("type_", EVENTS)
def test_an_event_s_entry_survives_being_a_row(type_: str) -> None:
    entry = Entry(Kind.FACT, type_, NOON, "crm", "1", EVENTS[type_].model_validate(SAMPLES[type_]), NOON)

    assert to_entry(_stored(to_row(LEAD, entry))) == entry


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("accept", {}),
        ("reject", {"reason": "student"}),
        ("reassign", {"owner": "bo"}),
        ("touch", {"channel": "call", "at": LATER, "connected": True}),
        ("snooze", {"until": LATER}),
    ],
)
def test_a_command_s_entry_survives_being_a_row(name: str, body: dict[str, Any]) -> None:
    data = COMMANDS[name].model_validate(body)
    entry = Entry(Kind.COMMAND, name, NOON, "api", "c1", data, NOON, Book.OWN, 3, "ana")

    assert to_entry(_stored(to_row(LEAD, entry))) == entry


def test_a_decision_s_entry_survives_being_a_row() -> None:
    data = DECISIONS["assigned"].model_validate(
        {
            "saw": 4,
            "revision": 2,
            "hand_off": "h1",
            "owner": "ana",
            "team": "sales",
            "cause": "routing",
            "candidates": [{"person": "ana"}, {"person": "bo", "skipped": "absent", "assigned_count": 2}],
        }
    )
    entry = Entry(Kind.DECISION, "assigned", NOON, "leadloop", "assigned:h1", data, NOON, Book.OWN, 1)

    assert to_entry(_stored(to_row(LEAD, entry))) == entry


def test_a_type_of_a_newer_build_is_refused_by_name() -> None:
    entry = Entry(Kind.FACT, "lead.lost", NOON, "crm", "1", EVENTS["lead.lost"](), NOON)

    with pytest.raises(UnknownEntryError, match=r"lead\.teleported"):
        to_entry(_stored(to_row(LEAD, entry) | {"type": "lead.teleported"}))


def _stored(row: dict[str, Any]) -> SimpleNamespace:
    """The row as a jsonb column and UTC instants would give it back."""
    instants = {name: value.astimezone(UTC) for name, value in row.items() if isinstance(value, datetime)}
    return SimpleNamespace(**(row | instants | {"data": from_json(to_json(row["data"]))}))
