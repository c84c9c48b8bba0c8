from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.decode import Decoded, ProblemCode, Sender, decode
from leads.events import EVENTS
from tests.api.builders import event
from tests.api.fakes import NOW


def decoded(*raws: Any, sender: Sender | None = None, look_at_strings: bool = True) -> Decoded:
    return decode(
        raws,
        sender=sender or Sender("web"),
        now=NOW,
        future_tolerance=timedelta(minutes=5),
        look_at_strings=look_at_strings,
    )


def test_a_valid_event_becomes_a_fact() -> None:
    result = decoded(event(time="2026-03-02T10:00:00.5+01:00", leadsystem="crm", leadbackfill=True, traceparent="00-1"))
    [(index, fact)] = result.events
    assert result.problems == []
    assert (index, fact.source, fact.id, fact.type, fact.stream) == (0, "/web/forms", "form-1", "lead.captured", "lead")
    assert (fact.system, fact.subject, fact.actor, fact.backfill) == ("crm", "L-1001", "web", True)
    # 10:00:00.5 at +01:00 is 09:00:00.5 UTC
    assert fact.effective_at == datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)
    assert fact.data == {"source": "website", "email": "ada@example.com"}


def touch(**data: Any) -> dict[str, Any]:
    return {"type": "lead.touched", "data": {"channel": "call", **data}}


INVALID: list[tuple[str, dict[str, Any], ProblemCode, str]] = [
    ("no specversion", {"specversion": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("null is not set", {"id": None}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("another specversion", {"specversion": "0.3"}, ProblemCode.INVALID_ATTRIBUTE, "/specversion"),
    ("specversion as a number", {"specversion": 1.0}, ProblemCode.INVALID_ATTRIBUTE, "/specversion"),
    ("no id", {"id": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("empty id", {"id": ""}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("id as a number", {"id": 7}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("long id", {"id": "x" * 301}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("control character in id", {"id": "a\nb"}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("NUL in id", {"id": "a\0"}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("half a pair in id", {"id": "\ud800"}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("noncharacter in id", {"id": "\ufffe"}, ProblemCode.INVALID_ATTRIBUTE, "/id"),
    ("no source", {"source": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("empty source", {"source": ""}, ProblemCode.INVALID_ATTRIBUTE, "/source"),
    ("source with a space", {"source": "web forms"}, ProblemCode.INVALID_ATTRIBUTE, "/source"),
    ("source with a broken escape", {"source": "/a%2"}, ProblemCode.INVALID_ATTRIBUTE, "/source"),
    ("source with a colon first", {"source": "1:2"}, ProblemCode.INVALID_ATTRIBUTE, "/source"),
    ("source with two fragments", {"source": "/a#b#c"}, ProblemCode.INVALID_ATTRIBUTE, "/source"),
    ("type as a list", {"type": ["lead.captured"]}, ProblemCode.INVALID_ATTRIBUTE, "/type"),
    ("unknown type", {"type": "lead.exploded"}, ProblemCode.UNKNOWN_TYPE, "/type"),
    ("no subject", {"subject": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("empty subject", {"subject": ""}, ProblemCode.INVALID_ATTRIBUTE, "/subject"),
    ("no time", {"time": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("time without an offset", {"time": "2026-03-02T09:00:00"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("time without a T", {"time": "2026-03-02 09:00:00Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("time as a date", {"time": "2026-03-02"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("time as a number", {"time": 1_772_442_000}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("30 February", {"time": "2026-02-30T09:00:00Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("hour 24", {"time": "2026-03-01T24:00:00Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("minute 60", {"time": "2026-03-01T23:60:00Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("offset without a colon", {"time": "2026-03-01T23:00:00+0100"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("digits of another script", {"time": "٢٠٢٦-03-01T23:00:00Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("before year 1", {"time": "0001-01-01T00:00:00+01:00"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("before 1970", {"time": "1969-12-31T23:59:59Z"}, ProblemCode.INVALID_ATTRIBUTE, "/time"),
    ("a second past the tolerance", {"time": "2026-03-02T09:35:01Z"}, ProblemCode.TIME_IN_FUTURE, "/time"),
    ("data of another kind", {"datacontenttype": "text/xml"}, ProblemCode.INVALID_ATTRIBUTE, "/datacontenttype"),
    ("relative dataschema", {"dataschema": "/schema"}, ProblemCode.INVALID_ATTRIBUTE, "/dataschema"),
    ("data_base64", {"data": ..., "data_base64": "e30="}, ProblemCode.BINARY_DATA, "/data_base64"),
    ("no data", {"data": ...}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("data null", {"data": None}, ProblemCode.MISSING_ATTRIBUTE, ""),
    ("data as text", {"data": "{}"}, ProblemCode.INVALID_ATTRIBUTE, "/data"),
    ("data as a list", {"data": []}, ProblemCode.INVALID_ATTRIBUTE, "/data"),
    ("extension in capitals", {"leadSystem": "crm"}, ProblemCode.INVALID_EXTENSION, ""),
    ("extension with a dash", {"lead-system": "crm"}, ProblemCode.INVALID_EXTENSION, ""),
    ("extension without a name", {"": "crm"}, ProblemCode.INVALID_EXTENSION, ""),
    ("extension named by half a pair", {"\ud800": "crm"}, ProblemCode.INVALID_EXTENSION, ""),
    ("half a pair in an extension", {"trace": "\ud800"}, ProblemCode.INVALID_EXTENSION, "/trace"),
    ("extension as an object", {"trace": {"a": 1}}, ProblemCode.INVALID_EXTENSION, "/trace"),
    ("extension as a list", {"trace": [1]}, ProblemCode.INVALID_EXTENSION, "/trace"),
    ("extension as a fraction", {"trace": 1.5}, ProblemCode.INVALID_EXTENSION, "/trace"),
    ("extension over 32 bits", {"trace": 2**31}, ProblemCode.INVALID_EXTENSION, "/trace"),
    ("leadbackfill as a word", {"leadbackfill": "yes"}, ProblemCode.INVALID_ATTRIBUTE, "/leadbackfill"),
    ("leadbackfill as a number", {"leadbackfill": 1}, ProblemCode.INVALID_ATTRIBUTE, "/leadbackfill"),
    ("empty leadsystem", {"leadsystem": ""}, ProblemCode.INVALID_ATTRIBUTE, "/leadsystem"),
    ("NUL in data", {"data": {"source": "a\0"}}, ProblemCode.UNFIT_VALUE, "/data"),
    ("half a pair in data", {"data": {"source": "\ud800"}}, ProblemCode.UNFIT_VALUE, "/data"),
    ("half a pair as a key", {"data": {"source": "a", "\ud800": 1}}, ProblemCode.UNFIT_VALUE, "/data"),
    ("data without its source", {"data": {}}, ProblemCode.INVALID_DATA, "/data/source"),
    ("logged in the future", touch(logged_at="2026-03-02T09:35:01Z"), ProblemCode.TIME_IN_FUTURE, "/data/logged_at"),
    ("logged in year 1", touch(logged_at="0001-01-01T00:00:00Z"), ProblemCode.INVALID_DATA, "/data/logged_at"),
    (
        "next step in year 9999",
        touch(next_step_at="9999-12-31T23:59:59Z"),
        ProblemCode.INVALID_DATA,
        "/data/next_step_at",
    ),
    (
        "next step beyond time",
        touch(next_step_at="9999-12-31T23:59:59-23:59"),
        ProblemCode.INVALID_DATA,
        "/data/next_step_at",
    ),
    ("next step as a number", touch(next_step_at=1e300), ProblemCode.INVALID_DATA, "/data/next_step_at"),
    ("email as a number", {"data": {"source": "a", "email": 5}}, ProblemCode.INVALID_DATA, "/data/email"),
]


@pytest.mark.parametrize(("changes", "code", "pointer"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID])
def test_an_invalid_event_gets_a_typed_reason_and_its_place(
    changes: dict[str, Any], code: ProblemCode, pointer: str
) -> None:
    result = decoded(event(), event(**{"id": "form-2"} | changes))
    assert [index for index, _ in result.events] == [0]
    assert [(problem.index, problem.code, problem.pointer) for problem in result.problems] == [(1, code, pointer)]


@pytest.mark.parametrize("raw", [None, 1, "event", [], [event()]])
def test_what_is_no_object_is_no_event(raw: Any) -> None:
    [problem] = decoded(raw).problems
    assert (problem.code, problem.id) == (ProblemCode.NOT_AN_EVENT, None)


VALID: list[dict[str, Any]] = [
    {"time": "2026-03-02T09:35:00Z"},  # exactly the tolerance of five minutes
    {"time": "2026-03-02t09:00:00z"},
    {"time": "2026-03-01T09:00:00.123456789-23:59"},
    {"source": "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"},
    {"source": "https://[2001:db8::1]:8080/a%20b?c=d/e#f"},
    {"source": "crm"},
    {"source": "//host"},
    {"source": "mailto:cncf-wg-serverless@lists.cncf.io"},
    {"datacontenttype": "Application/JSON; charset=utf-8"},
    {"datacontenttype": "application/vnd.acme+json"},
    {"dataschema": "https://example.com/schema"},
    {"leadbackfill": "true"},
    {"leadbackfill": None, "traceparent": None},
    {"sampled": 2**31 - 1, "a1": True, "b2": "", "c3": -(2**31)},
    {"subject": "ada+1@example.com", "id": "grüße 🙂"},
    {"data": {"source": "website", "something_new": {"deep": [1, {"a": None}]}}},
]


@pytest.mark.parametrize("changes", VALID)
def test_an_odd_but_valid_event_is_taken(changes: dict[str, Any]) -> None:
    assert decoded(event(**changes)).problems == []


def test_the_known_types_are_named_once_however_many_events_are_of_none() -> None:
    first, second = decoded(event(id="a", type="x"), event(id="b", type="y")).problems
    assert all(known in first.detail for known in EVENTS)
    assert "lead.captured" not in second.detail


def test_a_pair_of_source_and_id_stands_once_in_a_request_even_with_equal_content() -> None:
    result = decoded(event(), event(source="/other"), event())
    assert [index for index, _ in result.events] == [0, 1]
    assert [(problem.index, problem.code) for problem in result.problems] == [(2, ProblemCode.REPEATED)]


def test_a_key_speaks_only_for_its_sources() -> None:
    result = decoded(event(), event(id="b", source="/crm"), sender=Sender("web", frozenset({"/crm"})))
    assert [fact.source for _, fact in result.events] == ["/crm"]
    assert [problem.code for problem in result.problems] == [ProblemCode.SOURCE_NOT_ALLOWED]


def test_reasons_never_quote_what_was_sent() -> None:
    personal = "ada@example.com"
    raws = [
        event(id="a", subject=personal + "\n"),
        event(id="b", time=personal),
        event(id="c", source=f"<{personal}>"),
        event(id="d", data={"source": "a", "country": personal, "attributes": personal, "email": [personal]}),
        event(id="e", type=personal),
        event(id="f", type="lead.touched", data={"channel": personal, "direction": personal, "logged_at": personal}),
    ]
    result = decoded(*raws)
    assert {problem.index for problem in result.problems} == set(range(6))
    assert all(personal not in problem.detail + problem.pointer for problem in result.problems)


def test_equal_content_has_one_digest_however_it_was_written() -> None:
    plain = decoded(event(data={"source": "web", "score": 1, "email": "a@b.c"}))
    other = decoded(
        event(
            time="2026-03-02T10:00:00.000+01:00",
            datacontenttype="application/json",
            leadsystem="default",
            traceparent="00-1",
            data={"email": "a@b.c", "score": 1, "source": "web"},
        )
    )
    assert plain.events[0][1].digest == other.events[0][1].digest


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "lead.updated"},
        {"subject": "L-2"},
        {"leadsystem": "crm"},
        {"time": "2026-03-02T09:00:01Z"},
        {"data": {"source": "website", "email": "grace@example.com"}},
        {"data": {"source": "website", "email": "ada@example.com", "name": None}},
    ],
)
def test_other_content_has_another_digest(changes: dict[str, Any]) -> None:
    assert decoded(event()).events[0][1].digest != decoded(event(**changes)).events[0][1].digest


def test_every_type_goes_to_a_stream_of_its_own() -> None:
    raws = [
        event(id="a", type="account.updated", data={"owner": "eva"}),
        event(id="b", type="person.absent", data={"from": "2026-03-02T00:00:00Z", "until": "2026-03-09T00:00:00Z"}),
        event(id="c", type="content.used", data={"content": "deck"}),
    ]
    assert [fact.stream for _, fact in decoded(*raws).events] == ["account", "person", "lead"]


def test_a_clock_that_runs_ahead_within_the_bound_says_now() -> None:
    ahead = (NOW + timedelta(minutes=4)).isoformat()
    [(_, fact)] = decoded(event(time=ahead)).events
    assert fact.effective_at == NOW
