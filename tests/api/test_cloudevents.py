import json
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from api.cloudevents import Message, Mode, header_value, mode_of, read
from api.problems import BadJson, InvalidRequest, TooLarge, UnsupportedMediaType
from tests.api.builders import batch, event

Raw = list[tuple[bytes, bytes]]


def headers(**given: str) -> Raw:
    return [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()]


def read_binary(given: Raw, body: bytes = b"{}") -> dict[str, Any]:
    [raw] = read(Mode.BINARY, [*given, (b"content-type", b"application/json")], body, max_events=10).raws
    assert isinstance(raw, dict)
    return raw


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        (headers(content_type="application/cloudevents+json"), Mode.STRUCTURED),
        (headers(content_type="Application/CloudEvents+JSON; charset=UTF-8"), Mode.STRUCTURED),
        (headers(content_type="application/cloudevents-batch+json;charset=utf-8"), Mode.BATCH),
        (headers(content_type="application/json", ce_id="1"), Mode.BINARY),
        (headers(content_type="application/vnd.acme+json", ce_id="1"), Mode.BINARY),
        # the media type says structured, whatever other headers say
        (headers(content_type="application/cloudevents+json", ce_id="1"), Mode.STRUCTURED),
    ],
)
def test_the_media_type_says_the_mode(given: Raw, mode: Mode) -> None:
    assert mode_of(given) is mode


@pytest.mark.parametrize(
    "given",
    [
        [],
        headers(content_type=""),
        headers(content_type="text/plain", ce_id="1"),
        headers(content_type="application/json"),
        headers(content_type="application/cloudevents"),
        headers(content_type="application/cloudevents+avro"),
        headers(content_type="application/cloudevents+json; charset=utf-16"),
        headers(content_type="multipart/form-data; boundary=x"),
    ],
)
def test_other_media_types_are_refused(given: Raw) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        mode_of(given)
    assert "application/cloudevents+json" in refused.value.detail


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (b"plain", "plain"),
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (b"%41%62", "Ab"),
        (b"100%25", "100%"),
        # one round only
        (b"%2541", "%41"),
        (b'"quoted \\"word\\" %E2%82%AC"', 'quoted "word" €'),
        (b'half"quoted', 'half"quoted'),
        (b"", ""),
    ],
)
def test_header_values_are_unquoted_and_percent_decoded_once(value: bytes, meaning: str) -> None:
    assert header_value(value) == meaning


@pytest.mark.parametrize("value", [b"%", b"%4", b"%zz", b"%C3", b"%ED%A0%80", b"%FF", "grün".encode(), b"gr\xfcn"])
def test_header_values_that_are_no_percent_encoded_utf8_are_refused(value: bytes) -> None:
    with pytest.raises(InvalidRequest, match="invalid-request"):
        read_binary([(b"ce-id", value)])


@pytest.mark.parametrize(
    "given",
    [
        [(b"ce-id", b"1"), (b"ce-id", b"1")],
        [(b"ce-data", b"{}")],
        [(b"ce-data_base64", b"e30=")],
        [(b"ce-datacontenttype", b"application/json")],
    ],
)
def test_headers_that_could_be_read_in_two_ways_are_refused(given: Raw) -> None:
    with pytest.raises(InvalidRequest, match="invalid-request"):
        read_binary(given)


def test_binary_mode_puts_headers_and_body_together() -> None:
    raw = read_binary(headers(ce_id="1", ce_source="/a%20b", ce_traceparent="00-1", x_other="no"), b'{"source": "web"}')
    assert raw == {
        "id": "1",
        "source": "/a b",
        "traceparent": "00-1",
        "datacontenttype": "application/json",
        "data": {"source": "web"},
    }


def test_a_batch_is_an_array_and_bounded() -> None:
    assert read(Mode.BATCH, [], b"[]", max_events=2) == Message([], look_at_strings=False)
    assert len(read(Mode.BATCH, [], batch(event(), event(id="2")), max_events=2).raws) == 2
    with pytest.raises(TooLarge, match="too-large"):
        read(Mode.BATCH, [], batch(event(), event(id="2"), event(id="3")), max_events=2)
    with pytest.raises(InvalidRequest, match="invalid-request"):
        read(Mode.BATCH, [], json.dumps(event()).encode(), max_events=2)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_body_that_is_no_json_is_refused_in_every_mode(mode: Mode) -> None:
    with pytest.raises(BadJson, match="bad-json"):
        read(mode, [], b"{", max_events=2)


INTEROP: list[dict[str, Any]] = [
    {},
    {"subject": "Grüße % \" ' € 😀"},
    {"source": "https://example.com/a%20b?c=d#e", "dataschema": "https://example.com/schema"},
    {"leadsystem": "crm", "datacontenttype": "application/json", "traceparent": "00-4bf92f-00f0-01"},
]


def sdk_event(changes: dict[str, Any]) -> tuple[CloudEvent, dict[str, Any]]:
    plain = event(**changes)
    attributes = {name: value for name, value in plain.items() if name != "data"}
    sent = attributes | {"time": datetime.fromisoformat(plain["time"])}
    return CloudEvent(attributes=sent, data=plain["data"]), plain


def read_message(message: HTTPMessage) -> dict[str, Any]:
    raw_headers = [(name.lower().encode(), value.encode()) for name, value in message.headers.items()]
    [raw] = read(mode_of(raw_headers), raw_headers, message.body, max_events=1).raws
    assert isinstance(raw, dict)
    return raw


@pytest.mark.parametrize("changes", INTEROP)
def test_what_the_sdk_writes_in_structured_mode_is_read(changes: dict[str, Any]) -> None:
    sent, plain = sdk_event(changes)
    assert read_message(to_structured_event(sent)) == plain


@pytest.mark.parametrize("changes", INTEROP)
def test_what_the_sdk_writes_in_binary_mode_is_read(changes: dict[str, Any]) -> None:
    sent, plain = sdk_event({"datacontenttype": "application/json"} | changes)
    assert read_message(to_binary_event(sent)) == plain
