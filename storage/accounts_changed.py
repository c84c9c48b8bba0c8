"""Telling leads that their account has changed: open ones that nobody has reached out to, found by the company's keys.

Each then asks by itself which account is its own now. Progress stands with the account: whoever goes on after a crash
tells nobody twice, and a further change begins anew.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from leads.companies import ACCOUNT, DOMAIN
from leads.posted import ACCOUNTS_SOURCE
from storage.kept_rows import MATCHED
from storage.pipeline import Pipeline, pipelined
from storage.playbooks import Shelves
from storage.post_facts import LeadFact, post_facts

SETTLED_AFTER = timedelta(seconds=10)
"""A step that read the account as it was before has committed by then, and its lead is found."""
MOST_ACCOUNTS = 50
"""Looked at in one transaction."""

_NEXT = """
SELECT account_id, key, told->'domains'->'v' AS domains, changes, fanned_to FROM accounts
WHERE changes > fanned AND changed_at <= %(before)s AND account_id > %(after)s
ORDER BY account_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_CONCERNED = """
SELECT DISTINCT c.lead_id FROM company_leads c JOIN leads l USING (lead_id)
WHERE c.key = ANY (CAST(%(keys)s AS text[])) AND c.lead_id > %(after)s AND l.is_open AND l.untouched
ORDER BY c.lead_id LIMIT %(limit)s
"""
_NOTE = "UPDATE accounts SET fanned = %(fanned)s, fanned_to = %(fanned_to)s WHERE account_id = %(account_id)s"
_FIRST = "00000000-0000-0000-0000-000000000000"


class AccountsChanged:
    """Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def tell(self, now: datetime, limit: int) -> int:
        """Tell the next leads; returns how many, and as many as asked for while there may be more."""
        async with pipelined(self._engine) as pipeline:
            newest = pipeline.send("SELECT max(number) AS number FROM playbook_revisions")
            await pipeline.flush()
            if newest.first.number is None:
                return 0
            playbook = (await self._shelves.at_least(newest.first.number)).in_force(now).playbook
            free_mail, after, told = playbook.accounts.free_mail.domains, _FIRST, 0
            for _ in range(MOST_ACCOUNTS):
                found = pipeline.send(_NEXT, before=now - SETTLED_AFTER, after=after)
                await pipeline.flush()
                if found.first is None:
                    return told
                after = str(found.first.account_id)
                told += await _tell_of(pipeline, found.first, free_mail, now=now, limit=limit - told)
                if told >= limit:
                    break
        return limit


async def _tell_of(pipeline: Pipeline, account: Any, free_mail: frozenset[str], *, now: datetime, limit: int) -> int:
    """Tell the leads of one account, from where it was left."""
    domains = [domain for domain in account.domains or () if domain not in free_mail]
    keys = [f"{ACCOUNT}{account.key}", f"{MATCHED}{account.account_id}", *(f"{DOMAIN}{domain}" for domain in domains)]
    rows = pipeline.send(_CONCERNED, keys=keys, after=str(account.fanned_to or _FIRST), limit=limit)
    await pipeline.flush()
    facts = [
        LeadFact(
            row.lead_id,
            "account.changed",
            f"changed:{account.account_id}:{account.changes}/{row.lead_id}",
            {"account": str(account.account_id)},
        )
        for row in rows.rows
    ]
    post_facts(pipeline, facts, source=ACCOUNTS_SOURCE, now=now)
    is_done = len(rows.rows) < limit
    progress = {"fanned": account.changes, "fanned_to": None}
    if not is_done:
        progress = {"fanned": account.changes - 1, "fanned_to": rows.rows[-1].lead_id}
    pipeline.send(_NOTE, account_id=account.account_id, **progress)
    return len(rows.rows)
