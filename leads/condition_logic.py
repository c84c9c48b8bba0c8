"""Whether any lead at all can satisfy conditions: decided by looking for a witness, within a bound of work.

Fields are independent of each other, so it is enough to find one value for each. The values tried are those named in
the conditions and their nearest neighbours; between two neighbours no test changes its answer.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from leads.conditions import Condition, Op, Place
from leads.stages import Stage

MAX_WORK = 500_000
"""Looks at a value, for all segments of a playbook; about half a second."""
_DEEPEST = 200
_EXACT = {Op.EQ, Op.IN}
_OF_TEXT = {Op.CONTAINS, Op.STARTS_WITH}
Wanted = tuple[Condition, bool]
"""A condition, and whether it must hold or must not."""
Clause = list[Wanted]
"""One of these at least."""


class Patience:
    """How much work is left; shared by all questions about one document."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self._left = work

    def spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise _TooMuchError


class _TooMuchError(Exception):
    pass


def can_hold(wanted: Sequence[Condition], without: Sequence[Condition], patience: Patience) -> bool:
    """Whether a lead can satisfy all of `wanted` and none of `without`; true as well where telling takes too long."""
    clauses = [[(condition, True)] for condition in wanted] + [[(condition, False)] for condition in without]
    try:
        return _search(clauses, {}, patience, 0)
    except _TooMuchError:
        return True


def dead_parts(condition: Condition, patience: Patience, place: Place = ()) -> Iterator[Place]:
    """Where in a condition stands what no lead can ever satisfy: the innermost places, each by itself."""
    within = [dead for inner, part in condition.parts for dead in dead_parts(part, patience, (*place, *inner))]
    yield from within
    if not within and not can_hold([condition], [], patience):
        yield place


def _search(clauses: list[Clause], tests: dict[str, list[Wanted]], patience: Patience, depth: int) -> bool:
    """Take apart what leaves no choice; then make the smallest choice in each way."""
    if depth > _DEEPEST:
        raise _TooMuchError
    tests, touched, choices = dict(tests), set[str](), list[Clause]()
    pending = list(clauses)
    while pending:
        patience.spend(1)
        clause = pending.pop()
        if len(clause) > 1:
            choices.append(clause)
            continue
        condition, holds = clause[0]
        if condition.field is not None:
            tests[condition.field] = [*tests.get(condition.field, ()), clause[0]]
            touched.add(condition.field)
            continue
        is_negated = condition.negated is not None
        parts = [(child, holds is not is_negated) for child in condition.children]
        is_choice = not is_negated and (condition.any_of is not None) is holds
        pending += [parts] if is_choice else [[part] for part in parts]
    if not all(_has_witness(field, tests[field], patience) for field in touched):
        return False
    if not choices:
        return True
    choices.sort(key=len)
    return any(_search([[way], *choices[1:]], tests, patience, depth + 1) for way in choices[0])


def _has_witness(field: str, tests: list[Wanted], patience: Patience) -> bool:
    checks = [_Check(condition, holds) for condition, holds in tests]
    for value in _candidates(field, tests):
        patience.spend(len(checks))
        if all(check.passes(value) for check in checks):
            return True
    return False


class _Check:
    """A test ready to be asked often."""

    def __init__(self, condition: Condition, holds: bool) -> None:  # noqa: FBT001  the two of a pair
        self._condition, self._holds = condition, holds
        self._listed: frozenset[Any] | None = None
        if isinstance(condition.value, tuple):
            self._listed = frozenset((isinstance(value, bool), value) for value in condition.value)

    def passes(self, value: Any) -> bool:
        if self._listed is not None and value is not None:
            is_in = (isinstance(value, bool), value) in self._listed
            return (is_in is (self._condition.op is Op.IN)) is self._holds
        return self._condition.holds({self._condition.field or "": value}) is self._holds


def _candidates(field: str, tests: list[Wanted]) -> Iterator[Any]:
    """Values of which one passes all tests, if any value does that the field can have."""
    for condition, holds in tests:
        if holds and condition.op in _EXACT:
            return (value for value in _values(condition) if _can_have(field, value))
    named = [value for condition, _ in tests for value in _values(condition)]
    numbers = sorted({value for value in named if not isinstance(value, bool | str)})
    texts = sorted({value for value in named if isinstance(value, str)})
    values = chain((None, True, False), map(str, Stage), _numbers(numbers), _texts(texts, tests))
    return (value for value in values if _can_have(field, value))


def _can_have(field: str, value: Any) -> bool:
    """Whether a lead's field can hold it; attributes are the sender's own, and can hold anything."""
    match field:
        case "score":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "backfill":
            return isinstance(value, bool)
        case "account_named":  # of a lead without an account it is not known
            return value is None or isinstance(value, bool)
        case "stage":
            return isinstance(value, str) and value in set(Stage)
        case _:
            return field.startswith("attributes.") or value is None or isinstance(value, str)


def _values(condition: Condition) -> tuple[Any, ...]:
    return (
        condition.value
        if isinstance(condition.value, tuple)
        else (condition.value,)
        if condition.value is not None
        else ()
    )


def _numbers(named: list[int | float]) -> Iterator[int | float]:
    yield 0
    if named:
        yield from (named[0] - 1, named[-1] + 1)
    yield from named
    yield from (earlier + (later - earlier) / 2 for earlier, later in pairwise(named))


def _texts(named: list[str], tests: list[Wanted]) -> Iterator[str]:
    """Every text named, its next neighbour, the one behind all that begin with it; each with what must be contained."""
    held = [str(c.value) for c, holds in tests if holds and c.op is Op.CONTAINS]
    bases = ["", *named, *(text[:-1] + chr(ord(text[-1]) + 1) for text in named if text and text[-1] < "\ud000")]
    for base in bases:
        yield from (base, base + "\0")
        yield from (base + between + text for text in held for between in ("", "\0"))
    if len(held) > 1:
        yield from (base + "\0".join(held) for base in bases)
