"""A draft of a playbook, checked whole: its shape and its sense, every fault at once, each with its place.

The sense is checked on the document as it was read, so that one misspelt word hides none of the other faults.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leads.business_time import working_time
from leads.calendar import Calendar
from leads.faults import Fault, Path
from leads.open_hours import HORIZON, NoOpenTimeError
from leads.playbook import Playbook
from leads.playbook_ladders import ladder_faults, passing_faults
from leads.playbook_names import Known, name_faults, roster_faults, sponsor_faults
from leads.playbook_overrides import override_faults
from leads.playbook_rules import routing_faults, taker_faults
from leads.playbook_segments import segment_faults
from leads.promises import NAME_PATTERN
from leads.roster import ROSTER_ID_PATTERN

_REASONS = {
    "extra_forbidden": "there is no such key",
    "missing": "is missing",
    "string_type": "must be a text, in quotes",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
}
_FORMS = {
    NAME_PATTERN: "must be a name: small letters, digits and _, a letter first, at most 40",
    ROSTER_ID_PATTERN: "must be the id of a team in the roster",
}
_ABOUT_INPUT = re.compile(r"^(Input|String|Tuple|Dictionary|Frozenset|List) should ")
_KEPT_THOUGH_ABSENT = {"missing"}


def check(document: Any, known: Known | None = None) -> tuple[Playbook | None, list[Fault]]:
    """The playbook a document is, and everything that is wrong with it; with any fault it must not be published.

    Teams and people are looked up in `known`, where that is at hand.
    """
    playbook, faults = _shaped(document)
    faults += chain(
        name_faults(document), segment_faults(document), ladder_faults(document), passing_faults(document),
        override_faults(document),
        _reason_faults(document), routing_faults(document),
        chain(roster_faults(document, known), taker_faults(document, known)) if known else (),
        sponsor_faults(document, known) if known else (),
    )  # fmt: skip
    return playbook, faults


def dead_calendars(calendars: Mapping[str, Calendar], at: datetime) -> Iterator[Fault]:
    """Calendars, holidays expanded, that do not open for so long that no promise in them could be kept."""
    for name, calendar in calendars.items():
        try:
            working_time(calendar).require_open_time(at)
        except NoOpenTimeError:
            reason = f"it never opens in the {HORIZON.days} days from {at.date()}: no promise in it would come due"
            yield Fault(("calendars", name), reason)


def _reason_faults(document: Any) -> Iterator[Fault]:
    reasons = document.get("reasons") if isinstance(document, Mapping) else None
    if isinstance(reasons, Mapping) and "other" not in reasons:
        yield Fault(("reasons", "other"), "is missing; it catches reasons not listed")


def _shaped(document: Any) -> tuple[Playbook | None, list[Fault]]:
    try:
        return Playbook.model_validate(document), []
    except ValidationError as refused:
        reasons: dict[Path, list[str]] = {}
        tree = _Tree(document)
        for error in refused.errors(include_url=False, include_input=False):
            reasons.setdefault(tree.path(error), []).append(_reason(error))
        # several at one place: forms of which none fits
        return None, [Fault(path, ", or ".join(dict.fromkeys(said))) for path, said in reasons.items()]


class _Tree:
    """A document whose places are looked up by the thousand."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._children: dict[int, dict[str, Any]] = {}

    def path(self, error: ErrorDetails) -> Path:
        """Where in the document; what names a form tried, not a place, is left out."""
        path: list[str | int] = []
        value = self._document
        for part in error["loc"]:
            children = self._of(value)
            if str(part) in children:
                path.append(part)
                value = children[str(part)]
        if error["type"] in _KEPT_THOUGH_ABSENT:
            path.append(error["loc"][-1])
        return tuple(path)

    def _of(self, value: Any) -> dict[str, Any]:
        known = self._children.get(id(value))
        if known is None:
            entries = (
                value.items() if isinstance(value, Mapping) else enumerate(value if isinstance(value, list) else ())
            )
            known = self._children[id(value)] = {str(key): child for key, child in entries}
        return known


def _reason(error: ErrorDetails) -> str:
    pattern = error.get("ctx", {}).get("pattern") if error["type"] == "string_pattern_mismatch" else None
    if pattern in _FORMS:
        return _FORMS[pattern]
    return _REASONS.get(error["type"], _ABOUT_INPUT.sub("must ", error["msg"]).removeprefix("Value error, "))
