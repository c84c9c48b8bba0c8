"""Whatever a stranger sends, reading it ends in events or in a typed refusal."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.cloudevents import Message, Mode, read
from api.decode import Decoded, ProblemCode, Sender, decode
from api.problems import Problem
from leads.events import EVENTS
from tests.api.builders import event
from tests.api.fakes import NOW

text = st.text(st.characters(exclude_categories=[]), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=20
)
attribute_names = st.sampled_from([*event(), "datacontenttype", "dataschema", "leadsystem", "leadbackfill"]) | text
field_names = st.sampled_from(
    sorted({field.alias or name for model in EVENTS.values() for name, field in model.model_fields.items()})
)
datas = st.dictionaries(field_names | text, json_values, max_size=6)
near_misses = st.builds(
    lambda changes, event_type, data: event(**({"type": event_type, "data": data} | changes)),
    st.dictionaries(attribute_names, json_values, max_size=2),
    st.sampled_from(sorted(EVENTS)),
    datas,
)


def judged(message: Message) -> Decoded:
    return decode(
        message.raws,
        sender=Sender("fuzz"),
        now=NOW,
        future_tolerance=timedelta(minutes=5),
        look_at_strings=message.look_at_strings,
    )


def assert_refuses(problem: Problem) -> None:
    assert 400 <= problem.response().status_code < 500


def check(mode: Mode, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    try:
        message = read(mode, headers, body, max_events=5)
    except Problem as refusal:
        assert_refuses(refusal)
        return
    result = judged(message)
    refused = {problem.index for problem in result.problems}
    taken = {index for index, _ in result.events}
    assert refused | taken == set(range(len(message.raws)))
    assert not refused & taken
    for problem in result.problems:
        assert problem.code in ProblemCode
        assert problem.pointer == "" or problem.pointer.startswith("/")
        problem.model_dump_json()
    for _, fact in result.events:
        # what was taken can be stored: UTF-8 without NUL, finite numbers
        stored = json.dumps(fact.data, ensure_ascii=False, allow_nan=False).encode()
        assert b"\\u0000" not in stored


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(Mode), st.binary(max_size=200))
def test_any_bytes_as_a_body(mode: Mode, body: bytes) -> None:
    check(mode, [(b"content-type", b"application/json"), (b"ce-id", b"1")], body)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(Mode), json_values)
def test_any_json_as_a_body(mode: Mode, value: Any) -> None:
    check(mode, [], json.dumps(value).encode())


@settings(max_examples=600, derandomize=True, deadline=None)
@given(st.lists(near_misses, max_size=4))
def test_any_batch_of_near_misses(events: list[dict[str, Any]]) -> None:
    check(Mode.BATCH, [], json.dumps(events).encode())


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.dictionaries(st.binary(max_size=10), st.binary(max_size=30), max_size=4), datas)
def test_any_headers_in_binary_mode(given_headers: dict[bytes, bytes], data: dict[str, Any]) -> None:
    attributes = {key: value for key, value in event().items() if key != "data"}
    headers = [(b"ce-" + name.encode(), value.encode()) for name, value in attributes.items()]
    headers += [(b"ce-" + name, value) for name, value in given_headers.items()]
    check(Mode.BINARY, headers, json.dumps(data).encode())
