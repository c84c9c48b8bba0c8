"""Fill a database with leads: `python -m tests.measures.crowd --leads 100000 --database-url postgresql://…`.

The database must be without leads; it is migrated and furnished where it is not. One lead in ten is open. Some kinds of
lives are lived for real at several instants each, then their rows are multiplied: a million leads take some minutes.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from rich.console import Console
from sqlalchemy import event, select

from storage.engine import create_engine
from storage.migrate import upgrade
from storage.tables import leads
from storage.tallies import count_some
from tests.measures.kinds_of_life import KINDS, KindOfLife
from tests.measures.moulds import Mould, live_moulds
from tests.measures.pouring import Pourer
from workers.furnish import furnish

STARTS = 12
"""Instants at which lives of one kind begin."""


class NotEmptyError(Exception):
    """A crowd would be lost among the leads that are there."""


@asynccontextmanager
async def crowd(
    database_url: str, now: datetime, *, starts: int = STARTS, kinds: Sequence[KindOfLife] = KINDS
) -> AsyncIterator[Pourer]:
    """Moulds in a furnished database, and what fills it from them. `now` is the instant at which they stand.

    Raises `NotEmptyError`.
    """
    pourer = Pourer(database_url, await _moulds(database_url, now, starts, kinds))
    pourer.open()
    try:
        yield pourer
    finally:
        pourer.close()


async def _moulds(database_url: str, now: datetime, starts: int, kinds: Sequence[KindOfLife]) -> list[Mould]:
    engine = create_engine(database_url, pool_size=4)
    event.listen(engine.sync_engine, "connect", _wait_for_no_disk)
    try:
        async with engine.connect() as connection:
            if await connection.scalar(select(select(leads.c.lead_id).exists())):
                raise NotEmptyError("the database has leads: give an empty one")
        moulds = await live_moulds(engine, now, starts=starts, kinds=kinds)
        while (await count_some(engine)).leads:
            pass
        return moulds
    finally:
        await engine.dispose()


def _wait_for_no_disk(connection: Any, _record: object) -> None:
    """Whoever loses a crowd half made begins anew."""
    cursor = connection.cursor()
    cursor.execute("SET synchronous_commit = off")
    cursor.close()
    connection.commit()


async def fill(database_url: str, count: int, now: datetime) -> int:
    """How many leads there are then."""
    await asyncio.to_thread(upgrade, database_url)
    await furnish(database_url, now)
    async with crowd(database_url, now) as pourer:
        await asyncio.to_thread(pourer.fill, count)
        return pourer.leads


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.measures.crowd", description=__doc__)
    asked.add_argument("--leads", type=int, default=100_000)
    asked.add_argument("--database-url", required=True, help="postgresql://…, of a database without leads")
    options = asked.parse_args()
    began, console = perf_counter(), Console()
    try:
        filled = asyncio.run(fill(options.database_url, options.leads, datetime.now(UTC)))
    except NotEmptyError as refusal:
        console.print(str(refusal), style="red")
        return 2
    console.print(f"{filled:,} leads in {perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
