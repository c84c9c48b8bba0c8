"""YAML from a stranger: plain data, or one line that says why not, in little time."""

import contextlib
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.plain_yaml import MAX_NODES, YamlTextError, load_yaml

REFUSED: dict[str, tuple[str, str]] = {
    "an alias": ("a: &a [1]\nb: *a", "aliases"),
    "a key twice": ("a: 1\na: 2", "stands twice, line 2"),
    "a tag that runs": ("a: !!python/object/apply:os.system [ls]", "not YAML"),
    "no such day": ("a: 2026-13-45", "not what it looks like, line 1"),
    "no instant": ("a: !!timestamp soon", "not what it looks like"),
    "no number": ("a: !!int abc", "not what it looks like"),
    "no digits": ("a: 0x_", "not what it looks like"),
    "no boolean": ("a: !!bool perhaps", "not what it looks like"),
    "a long number": ("\na: " + "9" * 5_000, "in quotes it is a text, line 2"),
    "a sexagesimal number": ("a: " + ":".join(["1"] * 400_000), "too long"),
    "a long fraction": ("a: 0." + "1" * 900_000, "too long"),
    "no number at all": ("a: .nan", "not finite"),
    "infinity": ("a: -.inf", "not finite"),
    "NUL": ('a: "\\0"', "cannot be stored, line 1"),
    "half a pair": ('"\\uD800": 1', "cannot be stored"),
    "no character": ('a: "\\UFFFFFFFF"', "an escape names no character"),
    "a terminal's escape": ("a: \x1b[31m", "not YAML"),
    "lists in lists": ("[" * 400_000, "nested too deeply"),
    "dashes": ("- " * 200_000, "nested too deeply"),
    "questions": ("? " * 100_000, "nested too deeply"),
    "many values": ("[" + "a," * 500_000 + "]", "at most 50,000 values"),
    "two documents": ("a: 1\n---\nb: 2", "another document"),
    "a list as a key": ("? [a]\n: b", "unhashable key"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_plain_data_is_refused_in_one_line_and_little_time(text: str, says: str) -> None:
    begun = time.process_time()

    with pytest.raises(YamlTextError, match=says) as refused:
        load_yaml(text)

    # a second and a half at most on the slowest machine; a bomb would take minutes
    assert time.process_time() - begun < 10
    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()


def test_aliases_count_as_what_they_stand_for() -> None:
    # nine levels of nine: 9⁹ values in 200 characters
    levels = ["a0: &a0 [x]"]
    levels += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]

    with pytest.raises(YamlTextError, match="at most 50,000 values"):
        load_yaml("\n".join(levels), aliases=True)


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: {c: *a}}"])
def test_what_holds_itself_is_refused(text: str) -> None:
    with pytest.raises(YamlTextError, match="an alias stands within what it names"):
        load_yaml(text, aliases=True)


def test_aliases_serve_where_they_are_allowed() -> None:
    assert load_yaml("mon: &day [[1, 2]]\ntue: *day", aliases=True) == {"mon": [[1, 2]], "tue": [[1, 2]]}


def test_plain_data_are_read_as_they_stand() -> None:
    text = "a: 1\nb: [x, 2.5, true, ~]\nc: 2026-12-25\nd: '2026-12-25'\ne: é\U0001f600"

    assert load_yaml(text) == {
        "a": 1, "b": ["x", 2.5, True, None], "c": date(2026, 12, 25), "d": "2026-12-25", "e": "é\U0001f600",
    }  # fmt: skip


def test_a_document_may_be_as_large_as_it_is_said() -> None:
    # the list itself is a value too
    assert len(load_yaml("[" + "a," * (MAX_NODES - 1) + "]")) == MAX_NODES - 1


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("ab:- \n\t?!&*|>%@`'\"{}[],#~<=0123.\\x\u2028é"), max_size=40), st.booleans())
def test_any_text_is_read_or_refused(text: str, aliases: bool) -> None:  # noqa: FBT001  a row
    with contextlib.suppress(YamlTextError):
        load_yaml(text, aliases=aliases)
