"""Whatever a playbook's text holds, reading it ends in a playbook or in faults that can be told, in little time."""

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.playbooks import MOST_FAULTS, PlaybookError, default_text, read_playbook
from tests.hostile.corpus import STRINGS
from tests.storage.new_events import NOON

DOCUMENT: dict[str, Any] = yaml.safe_load(default_text())
odd_values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([text for text in STRINGS.values() if len(text) < 1_000]),
    st.sampled_from([None, True, -1, 0, 2**63, 1e308, [], {}, [[]], "P1D", "PT0S", "P999999999W", "due+PT1H", "99%"]),
    st.integers(),
    st.lists(st.sampled_from(["office", "sales", "due", "owner"]), max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], put: Any) -> Any:
    """The document with another value at one place."""
    if not path:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], put)
    return copy


def written(document: Any) -> str:
    """As YAML, of which JSON is a part; what is not printable as an escape."""
    text = json.dumps(document, ensure_ascii=False)
    return "".join(sign if sign.isprintable() or sign > "\uffff" else f"\\u{ord(sign):04x}" for sign in text)


def check(source: str) -> None:
    try:
        playbook = read_playbook(source, NOON)
    except PlaybookError as refused:
        assert len(refused.lines) in range(1, MOST_FAULTS + 2)  # noqa: PT017  either end is a good one
        # what is answered over HTTP
        json.dumps(refused.lines, ensure_ascii=False).encode()
    else:
        # what is stored: the document, in a form PostgreSQL takes
        stored = json.dumps(playbook.model_dump(mode="json", by_alias=True), allow_nan=False)
        assert "\\u0000" not in stored


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(places(DOCUMENT)), odd_values), min_size=1, max_size=3))
def test_any_value_anywhere(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = DOCUMENT
    for path, value in changes:
        try:
            document = changed(document, path, value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    check(written(document))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.integers(0, len(default_text())), st.integers(0, 60), st.text(max_size=12))
def test_any_text_cut_out_and_put_in(at: int, length: int, put: str) -> None:
    text = default_text()
    check(text[:at] + put + text[at + length :])


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_a_nasty_text_is_no_playbook(text: str) -> None:
    try:
        source = text.encode().decode()
    except UnicodeEncodeError:
        return  # no text that can be sent
    with pytest.raises(PlaybookError):
        read_playbook(source, NOON)


def condition(depth: int) -> Any:
    return {"field": "source", "value": "x"} if depth == 1 else {"not": condition(depth - 1)}


WIDE = {"any": [{"any": [{"field": "source", "value": "x"}] * 50}] * 50}


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (condition(9), "at most 8 levels deep"),
        (condition(60), "at most 8 levels deep"),
        (condition(300), "nested too deeply"),
        (WIDE, "at most 200 parts"),
        ({"any": [{"field": "source", "value": "x"}] * 51}, "at most 50 items"),
        ({"field": "source", "op": "in", "value": ["x"] * 1_001}, "at most 1000 items"),
        ({"field": "attributes." + "x" * 200, "value": "x"}, "at most 120 characters"),
    ],
    ids=["deep", "deeper", "very deep", "in all", "wide", "values", "name"],
)
def test_a_condition_has_bounds_in_every_direction(when: Any, says: str) -> None:
    begun = time.process_time()

    with pytest.raises(PlaybookError) as refused:
        read_playbook(written(changed(DOCUMENT, ("segments", 0, "when"), when)), NOON)

    assert says in str(refused.value)
    assert time.process_time() - begun < 5


def test_faults_are_told_a_page_at_most() -> None:
    source = default_text() + "\n".join(f"unknown_{number}: 1" for number in range(20_000))
    begun = time.process_time()

    with pytest.raises(PlaybookError) as refused:
        read_playbook(source, NOON)

    assert len(refused.value.lines) == MOST_FAULTS + 1
    assert refused.value.lines[-1] == "and 19,950 more"
    assert time.process_time() - begun < 5
