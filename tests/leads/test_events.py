"""The catalogue of events: what each type takes and refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from leads.events import EVENTS, LeadReplied, LeadTouched, PersonAbsent, stream_of

NOON = "2026-06-01T12:00:00Z"
TOUCH = {"channel": "call", "by": "ana"}

VALID: list[tuple[str, dict[str, Any]]] = [
    ("lead.captured", {"source": "webinar", "email": "a@example.com", "country": "DE", "attributes": {"size": 5}}),
    ("lead.updated", {}),
    ("lead.updated", {"phone": "+49 30 1"}),
    ("lead.linked", {"account": "acme", "keys": {"crm": "1"}}),
    ("lead.consent_changed", {"channel": "email", "granted": False, "proof": "form 7"}),
    ("lead.engaged", {"kind": "page_viewed", "points": -5}),
    ("lead.reopened", {"reason": "asked again"}),
    ("lead.hand_raised", {"kind": "trial_talk", "words": "Call me"}),
    ("lead.qualified", {"score": 80, "reason": "fit"}),
    ("lead.captured", {"source": "trade_show", "list": "expo-2026"}),
    ("lead.released", {"list": "expo-2026", "by": "max"}),
    ("lead.unlisted", {"list": "expo-2026", "reason": "cancelled"}),
    ("lead.assigned", {"owner": "ana", "team": "sales", "by": "ops", "note": "please"}),
    ("lead.accepted", {"by": "ana"}),
    ("lead.replied", {"channel": "email"}),
    ("lead.touched", TOUCH),
    ("lead.touched", TOUCH | {"evidence": "self_reported", "logged_at": NOON, "duration_seconds": 60}),
    ("lead.meeting_booked", {"at": NOON, "self_booked": True}),
    ("lead.meeting_held", {"at": NOON, "by": "ana", "meeting": "m1"}),
    ("lead.meeting_missed", {"at": NOON}),
    ("lead.meeting_cancelled", {"at": NOON}),
    ("lead.opportunity_opened", {"opportunity": "o1", "amount": 0, "currency": "EUR"}),
    ("lead.won", {"amount": 1e12}),
    ("lead.lost", {"reason": "chose_other"}),
    ("lead.returned", {"reason": "no_fit"}),
    ("lead.rejected", {"reason": "no_fit", "by": "ana", "note": "too small"}),
    ("lead.recycled", {"wake_at": NOON}),
    ("lead.snoozed", {"until": NOON}),
    ("lead.disqualified", {"kind": "not_a_lead"}),
    ("lead.feedback_given", {"quality": 5, "content_used": ["deck"]}),
    ("content.used", {"content": "deck", "stage": "working"}),
    ("lead.bounced", {}),
    ("lead.complained", {"channel": "email"}),
    ("account.updated", {"domains": ["example.com"], "owner": "ana"}),
    ("person.absent", {"from": NOON, "until": "2026-06-02T12:00:00Z", "deputy": "ben"}),
]

INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("lead.captured", {}, "source"),
    ("lead.captured", {"source": " "}, "source"),
    ("lead.captured", {"source": "w", "country": "Germany"}, "country"),
    ("lead.updated", {"email": "x" * 321}, "email"),
    ("lead.updated", {"attributes": {str(i): i for i in range(101)}}, "attributes"),
    ("lead.linked", {"keys": {str(i): "k" for i in range(21)}}, "keys"),
    ("lead.consent_changed", {"channel": "email"}, "granted"),
    ("lead.engaged", {"kind": "page_viewed", "points": 1001}, "points"),
    ("lead.reopened", {"by": ""}, "by"),
    ("lead.hand_raised", {"kind": "wave"}, "kind"),
    ("lead.qualified", {"score": -1}, "score"),
    ("lead.captured", {"source": "trade_show", "list": "Expo 2026"}, "list"),
    ("lead.released", {}, "list"),
    ("lead.unlisted", {"list": "../expo"}, "list"),
    ("lead.assigned", {}, "owner"),
    ("lead.accepted", {"note": "x" * 10_001}, "note"),
    ("lead.replied", {}, "channel"),
    ("lead.touched", {"channel": "pigeon"}, "channel"),
    ("lead.touched", TOUCH | {"mode": "psychic"}, "mode"),
    ("lead.touched", TOUCH | {"duration_seconds": 86_401}, "duration_seconds"),
    ("lead.touched", TOUCH | {"next_step_at": "2026-06-01T12:00:00"}, "next_step_at"),  # no offset
    ("lead.touched", TOUCH | {"evidence": "self_reported"}, "self-reported evidence needs logged_at"),
    ("lead.meeting_booked", {}, "at"),
    ("lead.meeting_held", {"at": "tomorrow"}, "at"),
    ("lead.meeting_missed", {"at": None}, "at"),
    ("lead.meeting_cancelled", {}, "at"),
    ("lead.opportunity_opened", {"currency": "euro"}, "currency"),
    ("lead.won", {"amount": float("nan")}, "amount"),
    ("lead.lost", {"amount": -1}, "amount"),
    ("lead.returned", {}, "reason"),
    ("lead.rejected", {}, "reason"),
    ("lead.recycled", {"wake_at": "soon"}, "wake_at"),
    ("lead.snoozed", {}, "until"),
    ("lead.disqualified", {"kind": "medium"}, "kind"),
    ("lead.feedback_given", {"quality": 6}, "quality"),
    ("content.used", {}, "content"),
    ("lead.bounced", {"channel": ""}, "channel"),
    ("lead.complained", {"reason": "x" * 201}, "reason"),
    ("account.updated", {"domains": ["d"] * 101}, "domains"),
    ("person.absent", {"from": NOON, "until": NOON}, "until must be later than from"),
]


@pytest.mark.parametrize(("type_", "data"), VALID)
def test_a_valid_event_is_taken_as_it_is(type_: str, data: dict[str, Any]) -> None:
    event = EVENTS[type_].model_validate(data)

    assert EVENTS[type_].model_validate_json(event.model_dump_json(by_alias=True)) == event


@pytest.mark.parametrize(("type_", "data", "said"), INVALID)
def test_an_invalid_event_is_refused_and_the_place_named(type_: str, data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EVENTS[type_].model_validate(data)

    assert said in str(refused.value)
    assert "input_value" not in str(refused.value)  # it may be somebody's address


def test_every_type_has_valid_and_invalid_rows() -> None:
    assert {type_ for type_, _ in VALID} == {type_ for type_, _, _ in INVALID} == EVENTS.keys()


@pytest.mark.parametrize("type_", EVENTS)
def test_unknown_fields_are_kept(type_: str) -> None:
    data = next(data for name, data in VALID if name == type_)

    kept = EVENTS[type_].model_validate(data | {"x_new": {"deep": [1]}}).model_dump()

    assert kept["x_new"] == {"deep": [1]}


def test_a_self_report_that_says_when_it_was_logged_is_taken_from_buyer_and_seller_alike() -> None:
    data = {"channel": "email", "evidence": "self_reported", "logged_at": NOON}

    assert LeadTouched.model_validate(data).direction == "out"
    assert LeadReplied.model_validate(data).direction == "in"
    with pytest.raises(ValidationError, match="needs logged_at"):
        LeadReplied.model_validate(data | {"logged_at": None})


def test_events_are_immutable_and_absences_have_two_spellings() -> None:
    by_name = PersonAbsent.model_validate({"starts_at": NOON, "ends_at": "2026-06-02T12:00:00Z"})

    assert by_name == PersonAbsent.model_validate({"from": NOON, "until": "2026-06-02T12:00:00Z"})
    with pytest.raises(ValidationError, match="frozen"):
        by_name.deputy = "ben"  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("type_", "stream"),
    [("lead.won", "lead"), ("content.used", "lead"), ("account.updated", "account"), ("person.absent", "person")],
)
def test_each_type_belongs_to_a_stream(type_: str, stream: str) -> None:
    assert stream_of(type_) == stream
