"""Accounts, the companies that other systems know: how one is folded from its events, and what a lead hears of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

FIELDS = ("name", "domains", "owner", "type", "named", "open_opportunity_owner")
Told = dict[str, dict[str, Any]]
"""Field → its value `v`, when it was told `at`, and `by` which event: the latest word on each stands."""


class AccountFacts(BaseModel):
    """What a lead is told of its account."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    account: str | None = None
    """Its id; None: none is known any more."""
    key: str | None = None
    """By which it was found: `account:ACME-1`, `domain:acme.com`."""
    owner: str | None = None
    type: str | None = None
    named: bool = False
    open_opportunity_owner: str | None = None


@dataclass(frozen=True, slots=True)
class AskAccount:
    """The question which account goes by one of these keys, the surest first; answered by its facts, or None."""

    keys: tuple[str, ...]


def told_by(data: Mapping[str, Any], at: datetime, ref: str) -> Told:
    """What one event says: a field left out stays as it is, null or an empty list takes it away."""
    # in one form, so that the database can compare instants as text
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    return {name: {"v": data[name], "at": when, "by": ref} for name in FIELDS if name in data}


def latest(told: Iterable[Told]) -> Told:
    """Several words together, in whatever order they came."""
    stands: Told = {}
    for words in told:
        for name, word in words.items():
            known = stands.get(name)
            if known is None or (known["at"], known["by"]) < (word["at"], word["by"]):
                stands[name] = word
    return stands
