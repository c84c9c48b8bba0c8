"""Companies as other systems know them, and which leads may be theirs."""

from sqlalchemy import Index, Table, TypedColumns, text

from storage.tables.base import (
    UPDATED_OFTEN,
    big_count,
    document,
    instant,
    maybe_uuid,
    metadata,
    uuid_key,
    word,
    word_key,
)


class AccountColumns(TypedColumns):
    """An account, folded from its events as they are accepted: the latest word on each field stands."""

    account_id = uuid_key()
    system = word()
    key = word()
    """What its sender calls it."""
    told = document()
    """Field → value, when it was told, and by which event (`leads/accounts.py`)."""
    changed_at = instant()
    """When any value last became another."""
    changes = big_count()
    """How often one did."""
    fanned = big_count()
    """The changes of which the leads concerned have been told."""
    fanned_to = maybe_uuid()
    """While they are being told: up to this lead."""


accounts = Table(
    "accounts",
    metadata,
    AccountColumns,
    Index(None, "key"),
    Index("accounts_domains_ix", text("((told -> 'domains'::text) -> 'v'::text)"), postgresql_using="gin"),
    Index("accounts_untold_ix", "account_id", postgresql_where=text("changes > fanned")),
    postgresql_with=UPDATED_OFTEN,
)


class CompanyLeadColumns(TypedColumns):
    """One key by which a lead's company goes: `account:ACME-1`, `domain:acme.com`, `matched:<account id>`."""

    key = word_key()
    lead_id = uuid_key()


company_leads = Table("company_leads", metadata, CompanyLeadColumns, Index(None, "lead_id"))
"""Which leads a company has: to tell them of a change of their account, and to let them follow each other."""
