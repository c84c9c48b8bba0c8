"""Accounts for those who look at them: companies as other systems know them, and their leads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.companies import ACCOUNT, DOMAIN
from storage.engine import transaction
from storage.kept_rows import MATCHED
from storage.playbooks import Shelves
from storage.tables import accounts, company_leads, playbook_revisions

MOST_LEADS = 50
"""Shown of an account, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """An account as it stands, the latest word on each field."""

    account_id: UUID
    system: str
    key: str
    name: str | None
    domains: tuple[str, ...]
    free_mail: tuple[str, ...]
    """Those of its domains that belong to a mail provider, by which nobody is recognised."""
    owner: str | None
    type: str | None
    named: bool
    open_opportunity_owner: str | None
    changed_at: datetime
    leads: tuple[UUID, ...] = ()
    """The newest that go by a key of its."""


class AccountStore:
    """Reads accounts. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def list(
        self, *, key: str | None = None, domain: str | None = None, after: UUID | None = None, limit: int = 50
    ) -> list[AccountRecord]:
        """The newest first, older than the account `after`; of a sender's key, or of a domain, where one is named."""
        query = select(accounts).order_by(accounts.c.account_id.desc()).limit(limit)
        if key is not None:
            query = query.where(accounts.c.key == key)
        if domain is not None:
            query = query.where(accounts.c.told["domains"]["v"].op("?")(domain))
        if after is not None:
            query = query.where(accounts.c.account_id < after)
        async with transaction(self._engine) as connection:
            free_mail = await self._free_mail(connection)
            return [_record(row, free_mail) for row in await connection.execute(query)]

    async def get(self, account_id: UUID) -> AccountRecord | None:
        """With its newest leads."""
        async with transaction(self._engine) as connection:
            query = select(accounts).where(accounts.c.account_id == account_id)
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            found = _record(row, await self._free_mail(connection))
            domains = [domain for domain in found.domains if domain not in found.free_mail]
            keys = [f"{ACCOUNT}{found.key}", f"{MATCHED}{account_id}", *(f"{DOMAIN}{domain}" for domain in domains)]
            of_it = select(company_leads.c.lead_id).where(company_leads.c.key.in_(keys)).distinct()
            newest = of_it.order_by(company_leads.c.lead_id.desc()).limit(MOST_LEADS)
            return _record(row, frozenset(found.free_mail), tuple(await connection.scalars(newest)))

    async def _free_mail(self, connection: AsyncConnection) -> frozenset[str]:
        newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        if newest is None:
            return frozenset()
        return (await self._shelves.at_least(newest)).number(newest).playbook.accounts.free_mail.domains


def _record(row: Row[Any], free_mail: frozenset[str], leads: tuple[UUID, ...] = ()) -> AccountRecord:
    said = {name: word["v"] for name, word in row.told.items()}
    domains = tuple(said.get("domains") or ())
    return AccountRecord(
        account_id=row.account_id,
        system=row.system,
        key=row.key,
        name=said.get("name"),
        domains=domains,
        free_mail=tuple(domain for domain in domains if domain in free_mail),
        owner=said.get("owner"),
        type=said.get("type"),
        named=bool(said.get("named")),
        open_opportunity_owner=said.get("open_opportunity_owner"),
        changed_at=row.changed_at,
        leads=leads,
    )
