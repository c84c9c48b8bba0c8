"""What the playbook says of companies: whose leads theirs are, and which mail addresses say nothing of a company."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from leads.companies import domain_of
from leads.free_mail import FREE_MAIL
from leads.promises import Elapsed, Part


class OwnedBy(StrEnum):
    """Why somebody comes before all others: how they know the company."""

    OPEN_OPPORTUNITY = "open_opportunity"
    """They work on a deal with it."""
    CUSTOMER = "customer"
    """They look after it; it has bought."""
    NAMED = "named"
    """It is on their list of target accounts."""
    RECENT_OWNER = "recent_owner"
    """They were given another lead of it not long ago."""


def _each_once(order: tuple[OwnedBy, ...]) -> tuple[OwnedBy, ...]:
    if len(set(order)) < len(order):
        msg = "name each once"
        raise ValueError(msg)
    return order


def _domain(text: str) -> str:
    domain = domain_of(text)
    if domain is None:
        msg = "is a domain, as gmail.com"
        raise ValueError(msg)
    return domain


Domain = Annotated[str, Field(max_length=253), AfterValidator(_domain)]


class FreeMail(Part):
    """Leadloop's own list of providers, as the playbook has it."""

    also: tuple[Domain, ...] = Field(default=(), max_length=1_000, description="Providers that the list lacks.")
    never: tuple[Domain, ...] = Field(default=(), max_length=1_000, description="Domains it should not have.")

    @cached_property
    def domains(self) -> frozenset[str]:
        return (FREE_MAIL | frozenset(self.also)) - frozenset(self.never)


class Accounts(Part):
    """Leads of a company that somebody knows already go to them."""

    owner_order: Annotated[tuple[OwnedBy, ...], AfterValidator(_each_once), Field(max_length=4)] = tuple(OwnedBy)
    customer_types: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=("customer",), max_length=50, description="Types of account that are customers."
    )
    recent_for: Elapsed | None = Field(
        default=None, description="How long further leads of a company follow the owner of the first; left out: not."
    )
    follow_changes: bool = Field(
        default=True, description="Untouched leads that Leadloop gave out move when their account gets another owner."
    )
    free_mail: FreeMail = FreeMail()
