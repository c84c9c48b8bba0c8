"""Conditions: a small typed tree that costs microseconds by construction."""

from typing import Any

import pytest
from pydantic import ValidationError

from leads.conditions import MAX_DEPTH, MAX_SIZE, MAX_VALUES, Condition

FACTS: dict[str, Any] = {
    "source": "webinar", "score": 50, "country": None, "attributes.size": "120", "attributes.vip": True,
    "attributes.seats": 1,
}  # fmt: skip
SOURCE: dict[str, Any] = {"field": "source", "value": "webinar"}


@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("source", "eq", "webinar", True),
        ("source", "eq", "Webinar", False),
        ("source", "ne", "website", True),
        ("source", "ne", "webinar", False),
        ("source", "in", ["website", "webinar"], True),
        ("source", "in", ["website"], False),
        ("source", "not_in", ["website"], True),
        ("source", "not_in", ["webinar"], False),
        ("source", "contains", "bin", True),
        ("source", "contains", "bim", False),
        ("source", "starts_with", "web", True),
        ("source", "starts_with", "nar", False),
        ("source", "present", None, True),
        ("source", "absent", None, False),
        ("score", "gt", 49, True),
        ("score", "gt", 50, False),
        ("score", "ge", 50, True),
        ("score", "lt", 50, False),
        ("score", "le", 50.0, True),
        # absent: only absent, ne and not_in hold
        ("country", "absent", None, True),
        ("country", "present", None, False),
        ("campaign", "ne", "spring", True),
        ("campaign", "not_in", ["spring"], True),
        ("campaign", "eq", "spring", False),
        ("campaign", "in", ["spring"], False),
        ("campaign", "lt", 5, False),
        ("campaign", "contains", "s", False),
        # unlike types: false, never an error; different all the same
        ("attributes.size", "gt", 100, False),
        ("attributes.size", "eq", 120, False),
        ("attributes.size", "ne", 120, True),
        ("attributes.size", "contains", 1, False),
        ("attributes.size", "starts_with", 1, False),
        ("score", "contains", "5", False),
        ("score", "starts_with", "5", False),
        ("attributes.vip", "eq", True, True),
        ("attributes.vip", "eq", 1, False),  # true is not 1
        ("attributes.vip", "in", [1, "true"], False),
        ("attributes.vip", "ge", 1, False),
        ("attributes.seats", "eq", True, False),
        ("attributes.seats", "not_in", [True], True),
    ],
)
def test_each_operator(field: str, op: str, value: Any, *, holds: bool) -> None:
    document = {"field": field, "op": op} | ({} if value is None else {"value": value})

    assert Condition.model_validate(document).holds(FACTS) is holds


@pytest.mark.parametrize(
    ("document", "holds"),
    [
        ({"all": [SOURCE, {"field": "score", "op": "ge", "value": 50}]}, True),
        ({"all": [SOURCE, {"field": "score", "op": "ge", "value": 51}]}, False),
        ({"any": [{"field": "score", "op": "ge", "value": 51}, SOURCE]}, True),
        ({"any": [{"field": "score", "op": "ge", "value": 51}]}, False),
        ({"not": SOURCE}, False),
        ({"not": {"not": SOURCE}}, True),
        ({"not": {"field": "campaign", "value": "spring"}}, True),  # not known, so not equal
    ],
)
def test_all_any_and_not(document: dict[str, Any], *, holds: bool) -> None:
    assert Condition.model_validate(document).holds(FACTS) is holds


def nested(levels: int) -> dict[str, Any]:
    document = SOURCE
    for _ in range(levels - 1):
        document = {"not": document}
    return document


def wide(*widths: int) -> dict[str, Any]:
    document: dict[str, Any] = SOURCE
    for width in widths:
        document = {"any": [document] * width}
    return document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "exactly one of"),
        ({"op": "eq", "value": "x"}, "exactly one of"),
        ({"all": [SOURCE], "any": [SOURCE]}, "exactly one of"),
        ({"not": SOURCE, "field": "source", "value": "x"}, "exactly one of"),
        ({"not": SOURCE, "op": "ne"}, "op and value belong beside a field"),
        ({"all": []}, "at least 1 item"),
        ({"field": "source", "op": "in", "value": "webinar"}, "in needs a list of values"),
        ({"field": "source", "op": "eq", "value": ["webinar"]}, "eq needs one value"),
        ({"field": "source", "op": "eq"}, "eq needs one value"),
        ({"field": "source", "op": "present", "value": True}, "present takes no value"),
        ({"field": "score", "op": "gt", "value": 1e400}, "a number to compare with is finite"),
        ({"field": "score", "op": "ne", "value": float("nan")}, "a number to compare with is finite"),
        ({"field": "score", "op": "lt", "value": 10**400}, "a number to compare with is finite"),
        ({"field": "score", "op": "in", "value": [1, float("nan")]}, "a number to compare with is finite"),
        ({"field": "sauce", "value": "x"}, "unknown field 'sauce'; known are account, account_named"),
        ({"field": "email", "value": "x"}, "unknown field 'email'"),  # no promise hangs on a person
        ({"field": "attributes.", "value": "x"}, "String should match pattern"),
        ({"field": "source", "op": "like", "value": "x"}, "Input should be"),
        ({"field": "source", "value": "x", "when": 1}, "Extra inputs are not permitted"),
        ({"field": "source", "op": "in", "value": ["x"] * (MAX_VALUES + 1)}, "at most 1000 items"),
        (wide(51), "at most 50 items"),
        (wide(14, 14), f"at most {MAX_SIZE} parts"),  # 1 + 14 + 14 * 14 = 211
        (nested(MAX_DEPTH + 1), f"at most {MAX_DEPTH} levels deep"),
        (nested(100_000), "recursion_depth_exceeded"),
    ],
)
def test_a_mistake_is_refused_with_its_reason(document: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Condition.model_validate(document)

    assert said in str(refused.value)


def test_the_deepest_and_widest_condition_is_taken() -> None:
    assert Condition.model_validate(nested(MAX_DEPTH)).depth == MAX_DEPTH
    assert Condition.model_validate(wide(13, 14)).size == 1 + 14 + 14 * 13


def test_a_bottomless_json_text_is_refused() -> None:
    text = '{"not":' * 100_000 + '{"field":"source","value":"x"}' + "}" * 100_000

    with pytest.raises(ValidationError, match="recursion limit"):
        Condition.model_validate_json(text)


def test_a_condition_survives_its_own_json() -> None:
    condition = Condition.model_validate({"all": [SOURCE, {"not": {"field": "score", "op": "in", "value": [1, 2]}}]})

    text = condition.model_dump_json(by_alias=True, exclude_unset=True)

    assert Condition.model_validate_json(text) == condition


@pytest.mark.parametrize(
    "written",
    [
        {"any": [SOURCE, {"field": "raised_hand", "op": "present"}]},
        {"all": [SOURCE, {"not": {"field": "country", "op": "in", "value": ["DE", "AT"]}}]},
    ],
)
def test_what_is_stored_reads_as_it_was_written(written: dict[str, Any]) -> None:
    """A published playbook is kept with everything it leaves out, and read back by every process."""
    condition = Condition.model_validate(written)

    assert Condition.model_validate(condition.model_dump(mode="json", by_alias=True)) == condition
