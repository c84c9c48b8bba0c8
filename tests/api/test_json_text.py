import json

import pytest

from api.json_text import MAX_DEPTH, JsonTextError, UnfitError, canonical, may_hide_bad_characters, parse


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"{'a': 1}", "Expecting property name"),
        (b'{"a": 1} x', "Extra data"),
        (b'{"a": NaN}', "NaN and Infinity"),
        (b'{"a": -Infinity}', "NaN and Infinity"),
        (b'{"a": "\xff"}', "not UTF-8 (byte 7)"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "Expecting value"),
        (b'{"a": "\x00"}', "Invalid control character"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_with_a_reason_that_quotes_nothing(body: bytes, reason: str) -> None:
    with pytest.raises(JsonTextError, match=r".*") as refused:
        parse(body)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1, "a": 1}', "same key twice"),
        (b'{"x": {"a": 1, "\\u0061": 2}}', "same key twice"),
        (b'{"x": [9223372036854775808]}', "64 bits"),
        (b'{"x": -' + b"9" * 5000 + b"}", "64 bits"),
        (b'{"x": 1e400}', "too large"),
        (b'{"x": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"x": ["\\ud800"]}', "surrogate"),
        (b'{"x": "\\uDC00"}', "surrogate"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested more than"),
    ],
)
def test_what_cannot_be_kept_is_found_in_the_value(body: bytes, reason: str) -> None:
    with pytest.raises(UnfitError, match=reason):
        canonical(parse(body), look_at_strings=may_hide_bad_characters(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 9223372036854775807, "b": -9223372036854775807}',
        b'{"a": "\\ud83d\\ude00", "b": "\\u00e4"}',
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b'{"a": {"a": 1}, "b": {"a": 1}}',
    ],
)
def test_what_is_large_or_odd_but_sound_is_kept(body: bytes) -> None:
    value = parse(body)
    assert json.loads(canonical(value, look_at_strings=may_hide_bad_characters(body))) == value


def test_one_number_written_in_two_ways_has_one_canonical_text() -> None:
    texts = {canonical(parse(body), look_at_strings=False) for body in (b'{"b": 1.0, "a": 1e2}', b'{"a": 100, "b": 1}')}
    assert texts == {b'{"a":100,"b":1}'}


def test_keys_are_sorted_at_every_level() -> None:
    text = canonical(parse(b'{"b": [{"d": 1, "c": "\\u00e4"}], "a": {"f": 1, "e": 1.5}}'), look_at_strings=True)
    assert text.decode() == '{"a":{"e":1.5,"f":1},"b":[{"c":"ä","d":1}]}'
