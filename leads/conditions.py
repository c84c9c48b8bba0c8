"""Conditions in the playbook: a small typed tree, not a text language.

`{"field": "source", "op": "in", "value": ["webinar", "trade_show"]}`, joined by `all`, `any` and `not`. Depth, width
and size are capped, so that a condition costs microseconds by construction. A field that is absent satisfies only
`absent`, `ne` and `not_in`; a comparison of unlike types is false, never an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_DEPTH = 8
MAX_SIZE = 200
"""Nodes of one condition, all levels together."""
MAX_VALUES = 1_000
Scalar = str | int | float | bool
Place = tuple[str | int, ...]

FIELDS = frozenset(
    {
        "source", "source_original", "campaign", "content", "form", "country", "language", "company", "domain",
        "raised_hand", "score", "stage", "account", "backfill", "list",
        "account_type", "account_named", "account_owner", "account_open_opportunity_owner",
    }
)  # fmt: skip
"""What a condition may ask about; `attributes.<name>` reaches the sender's own attributes."""

FieldName = Annotated[str, StringConstraints(max_length=120, pattern=r"^[a-z_]+$|^attributes\.[\w.-]+$")]


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    PRESENT = "present"
    ABSENT = "absent"


_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda actual, wanted: bool(actual == wanted),
    Op.NE: lambda actual, wanted: bool(actual != wanted),
    Op.IN: lambda actual, wanted: actual in wanted,
    Op.NOT_IN: lambda actual, wanted: actual not in wanted,
    Op.GT: lambda actual, wanted: bool(actual > wanted),
    Op.GE: lambda actual, wanted: bool(actual >= wanted),
    Op.LT: lambda actual, wanted: bool(actual < wanted),
    Op.LE: lambda actual, wanted: bool(actual <= wanted),
    Op.CONTAINS: lambda actual, wanted: wanted in actual,
    Op.STARTS_WITH: lambda actual, wanted: actual.startswith(wanted),
}
_EQUAL = {Op.EQ, Op.NE}
_UNARY = {Op.PRESENT, Op.ABSENT}
_LISTS = {Op.IN, Op.NOT_IN}
_TRUE_WHEN_ABSENT = {Op.ABSENT, Op.NE, Op.NOT_IN}


class Condition(BaseModel):
    """One node: exactly one of `all`, `any`, `not`, or a test (`field`, `op`, `value`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    all_of: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=1, max_length=50)
    any_of: tuple[Condition, ...] | None = Field(default=None, alias="any", min_length=1, max_length=50)
    negated: Condition | None = Field(default=None, alias="not")
    field: FieldName | None = None
    op: Op = Op.EQ
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=MAX_VALUES)] | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        forms = [form for form in (self.all_of, self.any_of, self.negated, self.field) if form is not None]
        if len(forms) != 1:
            msg = "a condition is exactly one of: all, any, not, or field with op and value"
            raise ValueError(msg)
        if self.field is not None:
            self._check_test(self.field)
        elif self.op is not Op.EQ or self.value is not None:  # a stored document says what is left out, too
            msg = "op and value belong beside a field, not beside all, any or not"
            raise ValueError(msg)
        if self.size > MAX_SIZE:
            msg = f"a condition may have at most {MAX_SIZE} parts; use a list of values, or several segments"
            raise ValueError(msg)
        if self.depth > MAX_DEPTH:
            msg = f"a condition may be at most {MAX_DEPTH} levels deep; split it into several segments"
            raise ValueError(msg)
        return self

    def _check_test(self, field: str) -> None:
        if not field.startswith("attributes.") and field not in FIELDS:
            msg = f"unknown field {field!r}; known are {', '.join(sorted(FIELDS))} and attributes.<name>"
            raise ValueError(msg)
        if self.op in _UNARY:
            if self.value is not None:
                msg = f"{self.op} takes no value"
                raise ValueError(msg)
        elif self.value is None or isinstance(self.value, tuple) is not (self.op in _LISTS):
            msg = f"{self.op} needs {'a list of values' if self.op in _LISTS else 'one value'}"
            raise ValueError(msg)
        elif not all(map(_is_finite, self.value if isinstance(self.value, tuple) else (self.value,))):
            msg = "a number to compare with is finite, and at most 1e308"
            raise ValueError(msg)

    @property
    def children(self) -> tuple[Condition, ...]:
        return tuple(child for _, child in self.parts)

    @property
    def parts(self) -> tuple[tuple[Place, Condition], ...]:
        """The conditions it joins, each with its place within this one, as it stands in the document."""
        joined = (("all", self.all_of), ("any", self.any_of))
        listed = [((word, number), child) for word, listed in joined for number, child in enumerate(listed or ())]
        return (*listed, *(((("not",), self.negated),) if self.negated else ()))

    @property
    def depth(self) -> int:
        return 1 + max((child.depth for child in self.children), default=0)

    @property
    def size(self) -> int:
        return 1 + sum(child.size for child in self.children)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether `facts` (field → value; absent or None means not known) satisfy the condition."""
        if self.all_of is not None:
            return all(child.holds(facts) for child in self.all_of)
        if self.any_of is not None:
            return any(child.holds(facts) for child in self.any_of)
        if self.negated is not None:
            return not self.negated.holds(facts)
        return self._test(facts.get(self.field or ""))

    def _test(self, actual: Any) -> bool:
        if actual is None:
            return self.op in _TRUE_WHEN_ABSENT
        if self.op in _UNARY:
            return self.op is Op.PRESENT
        if isinstance(self.value, tuple):
            return _COMPARE[self.op](_typed(actual), [_typed(value) for value in self.value])
        return _compare(self.op, actual, self.value)


def _is_finite(value: Scalar) -> bool:
    try:
        return isinstance(value, str) or math.isfinite(value)
    except OverflowError:  # an integer past every float
        return False


def _compare(op: Op, actual: Any, wanted: Any) -> bool:
    if op in _EQUAL:
        return _COMPARE[op](_typed(actual), _typed(wanted))
    try:
        return isinstance(actual, bool) is isinstance(wanted, bool) and _COMPARE[op](actual, wanted)
    except (TypeError, AttributeError):
        return False


def _typed(value: Any) -> tuple[bool, Any]:
    """Python takes true for 1; a playbook does not."""
    return isinstance(value, bool), value
