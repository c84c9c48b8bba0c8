"""The fast ways into an event agree with the thorough ones wherever they answer at all."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.decode import digest_of
from api.envelope import CloudEvent, plain_event
from api.json_text import JsonTextError, _strictly, parse
from tests.api.builders import event

NUMBERS = ("0", "-0", "1", "1.0", "1.5", "1e2", "-0.0", "1e400", "9223372036854775807", "9223372036854775808", "1" * 30)
WORDS = (
    '""',
    '"a"',
    '"b"',
    '"\\u0061"',
    '"\\""',
    '"\\\\"',
    '"\\\\\\""',
    '"ä"',
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    '"1.0"',
)
SCALARS = st.sampled_from((*NUMBERS, *WORDS, "true", "null", "NaN", "nul"))


def containers(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(WORDS), texts).map(" : ".join)
    return st.lists(pairs, max_size=3).map(lambda made: "{" + ",".join(made) + " }") | st.lists(texts, max_size=3).map(
        lambda made: "[ " + ", ".join(made) + "]"
    )


def read(reader: Any, body: bytes) -> str:
    try:
        return repr(reader(body))  # which tells 1 from 1.0 and from true
    except JsonTextError as error:
        return f"refused: {error}"


@given(st.recursive(SCALARS, containers, max_leaves=12))
@example('{"a": 1, "a": 1}')
@example('{"a\\"": 1, "a\\u0022": 1}')
@example('{"\\\\": "\\\\\\"", "\\u005c": 2}')
@example('[{"a": "\\"\\"", "a": ""}]')
def test_text_is_read_as_strictly_as_ever(text: str) -> None:
    assert read(parse, text.encode()) == read(_strictly, text.encode())


ODD: tuple[Any, ...] = (
    ..., None, "", "x", "x" * 301, "x" * 501, "a\nb", "a\u00a0b", "\ufdd0", "\ue000", 1, True, [], {}, {"a": 1}, "1.0",
    "/web/forms", "no uri", "/ends\n", "urn:a:b", "2026-03-02T09:00:00.123456+02:00", "2026-03-02t09:00:00z",
    "2026-02-30T09:00:00Z", "1969-01-01T00:00:00Z", "application/json", "application/xml", "lead.captured",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*CloudEvent.model_fields, "extension"]), st.sampled_from(ODD), max_size=3))
@example({})
@example({"datacontenttype": "application/json"})
def test_attributes_found_quickly_are_those_found_thoroughly(changes: dict[str, Any]) -> None:
    raw = event(**changes)

    found = plain_event(raw)

    if found is not None:
        thorough = CloudEvent.model_validate(raw)
        for name in ("id", "source", "type", "subject", "time", "data", "leadsystem", "leadbackfill"):
            assert getattr(found, name) == getattr(thorough, name)


def test_an_ordinary_event_is_found_quickly() -> None:
    assert plain_event(event()) is not None
    assert plain_event(event(datacontenttype="application/json", time="2026-03-02T09:00:00.120+01:00")) is not None


@given(st.sampled_from([name for name, field in CloudEvent.model_fields.items() if field.is_required()]))
def test_without_a_required_attribute_it_takes_the_thorough_way_to_say_so(name: str) -> None:
    raw = event(**{name: ...})

    assert plain_event(raw) is None
    with pytest.raises(ValidationError) as refused:
        CloudEvent.model_validate(raw)
    assert [item["type"] for item in refused.value.errors()] == ["missing"]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.text("aä", max_size=3))  # noqa: DTZ001  as the strategy wants them
@example(datetime(2026, 3, 2, 9), "a")  # noqa: DTZ001
def test_a_digest_is_over_the_isoformat_of_the_instant(naive: datetime, word: str) -> None:
    time, data = naive.replace(tzinfo=UTC), json.dumps({"a": word}).encode()
    whole = f"lead.captured\n{word}\ndefault\n{time.isoformat()}\n".encode() + data

    assert digest_of("lead.captured", word, "default", time, data) == hashlib.sha256(whole).digest()
