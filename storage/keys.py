"""API keys: a secret of 256 bits shown once, kept as its hash."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import transaction
from storage.tables import api_keys


class Scope(StrEnum):
    """What a key may do. `admin` may everything."""

    EVENTS_WRITE = "events:write"
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    PLAYBOOK_READ = "playbook:read"
    PLAYBOOK_WRITE = "playbook:write"
    METRICS_READ = "metrics:read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key, without its secret."""

    key_id: str
    principal: str
    scopes: frozenset[Scope]
    sources: frozenset[str]
    """The event sources it may speak for; empty means all."""
    may_act_for_others: bool
    created_at: datetime
    revoked_at: datetime | None = None


class KeyStore:
    """The keys in the database. Every method raises `DatabaseAwayError`; whoever asks often remembers the answer."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._now = now

    async def create(
        self,
        principal: str,
        scopes: Collection[Scope],
        sources: Collection[str] = (),
        *,
        may_act_for_others: bool = False,
    ) -> tuple[str, str]:
        """A new key's id and its secret, which is nowhere else."""
        key_id = secrets.token_hex(8)
        secret = f"leadloop_{key_id}_{secrets.token_urlsafe(32)}"
        async with transaction(self._engine) as connection:
            await connection.execute(
                insert(api_keys).values(
                    key_id=key_id,
                    digest=_digest(secret),
                    principal=principal,
                    scopes=sorted(scopes),
                    sources=sorted(sources),
                    may_act_for_others=may_act_for_others,
                    created_at=self._now(),
                )
            )
        return key_id, secret

    async def find(self, secret: str) -> KeyRecord | None:
        """The key of this secret; None when it is unknown or revoked."""
        key_id = _key_id(secret)
        if key_id is None:
            return None
        async with transaction(self._engine) as connection:
            row = (
                await connection.execute(
                    select(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
                )
            ).one_or_none()
        if row is None or not hmac.compare_digest(row.digest, _digest(secret)):
            return None
        return _record(row)

    async def list(self) -> list[KeyRecord]:
        """All keys, revoked ones too, by id."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(api_keys).order_by(api_keys.c.key_id))
            return [_record(row) for row in rows]

    async def revoke(self, key_id: str) -> bool:
        """End a key; whether one has this id. Revoking it again keeps the first instant."""
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                update(api_keys)
                .where(api_keys.c.key_id == key_id)
                .values(revoked_at=func.coalesce(api_keys.c.revoked_at, self._now()))
            )
            return found.rowcount > 0


def _digest(secret: str) -> bytes:
    # the secret is random: a slow hash would guard nothing and cost every request
    return hashlib.sha256(secret.encode()).digest()


def _key_id(secret: str) -> str | None:
    match secret.split("_", 2):
        case ["leadloop", key_id, _] if key_id.isascii() and key_id.isalnum():
            return key_id
    return None


def _record(row: Row[Any]) -> KeyRecord:
    known = {scope.value for scope in Scope}
    return KeyRecord(
        key_id=row.key_id,
        principal=row.principal,
        scopes=frozenset(Scope(scope) for scope in row.scopes if scope in known),
        sources=frozenset(row.sources),
        may_act_for_others=row.may_act_for_others,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
