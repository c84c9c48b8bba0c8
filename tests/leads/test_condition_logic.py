"""Whether any lead can be in a segment: what is said impossible never happens, and the plain cases are seen."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leads.condition_logic import Patience, can_hold
from leads.conditions import Condition

Document = dict[str, Any]


def is_(field: str, op: str, value: Any = None) -> Document:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def holds(wanted: Document, *without: Document) -> bool:
    return can_hold([Condition.model_validate(wanted)], [Condition.model_validate(w) for w in without], Patience())


@pytest.mark.parametrize(
    ("wanted", "without"),
    [
        ({"all": [is_("source", "eq", "web"), is_("source", "eq", "fair")]}, []),
        ({"all": [is_("score", "gt", 50), is_("score", "lt", 40)]}, []),
        ({"all": [is_("company", "present"), is_("company", "absent")]}, []),
        ({"all": [is_("company", "absent"), is_("company", "starts_with", "A")]}, []),
        ({"all": [is_("source", "in", ["web", "fair"]), {"not": is_("source", "in", ["fair", "web", "list"])}]}, []),
        ({"all": [is_("source", "starts_with", "web"), is_("source", "starts_with", "fair")]}, []),
        (is_("stage", "eq", "wonn"), []),
        (is_("source", "eq", "web"), [is_("source", "eq", "web")]),
        (is_("source", "eq", "web"), [is_("source", "in", ["web", "fair"])]),
        (is_("score", "ge", 80), [is_("score", "ge", 50)]),
        (is_("source", "starts_with", "webinar"), [is_("source", "starts_with", "web")]),
        ({"all": [is_("country", "eq", "DE"), is_("score", "ge", 80)]}, [is_("country", "in", ["DE", "AT"])]),
        (is_("source", "in", ["a", "b"]), [is_("source", "eq", "a"), is_("source", "eq", "b")]),
        (is_("score", "absent"), []),
        (is_("score", "present"), [is_("score", "lt", 50), is_("score", "ge", 50)]),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_is_taken_before_is_seen(wanted: Document, without: list[Document]) -> None:
    assert not holds(wanted, *without)


@pytest.mark.parametrize(
    ("wanted", "without"),
    [
        (is_("source", "eq", "web"), [is_("source", "eq", "fair")]),
        (is_("score", "ge", 50), [is_("score", "ge", 80)]),
        (is_("score", "gt", 1), [is_("score", "ge", 2)]),  # one and a half: scores are compared as numbers
        (is_("source", "starts_with", "web"), [is_("source", "starts_with", "webinar")]),
        (is_("country", "in", ["DE", "AT"]), [{"all": [is_("country", "eq", "DE"), is_("score", "ge", 80)]}]),
        (is_("company", "present"), [is_("company", "eq", "A"), is_("company", "contains", "B")]),
        (is_("attributes.vip", "eq", True), [is_("attributes.vip", "eq", 1)]),  # true is not 1
        ({"not": is_("attributes.seats", "ge", 50)}, [is_("attributes.seats", "lt", 50)]),  # not known
    ],
)
def test_what_some_lead_satisfies_is_let_be(wanted: Document, without: list[Document]) -> None:
    assert holds(wanted, *without)


NAMES = ["attributes.x", "attributes.y"]
values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["", "a", "ab", "b", "ba"]), st.integers(-1, 2), st.booleans()
)
tests = st.one_of(
    st.builds(
        is_,
        st.sampled_from(NAMES),
        st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le", "contains", "starts_with"]),
        values,
    ),
    st.builds(is_, st.just("attributes.x"), st.sampled_from(["in", "not_in"]), st.lists(values, max_size=3)),
    st.builds(is_, st.just("attributes.x"), st.sampled_from(["present", "absent"])),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)  # fmt: skip
texts = st.text("ab\0z", max_size=4)
held = st.one_of(texts, st.integers(-3, 4), st.floats(-3, 4), st.booleans())
facts = st.dictionaries(st.sampled_from(NAMES), held)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(conditions, st.lists(conditions, max_size=3), facts)
@example(is_("attributes.x", "gt", "ab"), [is_("attributes.x", "starts_with", "ab")], {"attributes.x": "b"})
def test_whatever_a_lead_satisfies_is_never_called_impossible(
    wanted: Document, without: list[Document], lead: dict[str, Any]
) -> None:
    satisfied = Condition.model_validate(wanted).holds(lead) and not any(
        Condition.model_validate(other).holds(lead) for other in without
    )
    assert holds(wanted, *without) or not satisfied


def test_where_telling_takes_too_long_nothing_is_called_impossible() -> None:
    choice = {"any": [{"all": [is_("score", "eq", n), is_(f"attributes.a{n}", "eq", "x")]} for n in range(13)]}
    never = {"all": [choice] * 4 + [is_("score", "gt", 100)]}
    assert can_hold([Condition.model_validate(never)], [], Patience(work=20))
