"""What grows with the number of leads: the same questions of one database while it fills.

`BENCH_LEADS=1000000` adds sizes up to that one. `BENCH_DRAW=docs/growth` writes the picture and the table there too.
"""

import asyncio
import os
from datetime import UTC, datetime
from time import perf_counter

import psycopg
from sqlalchemy import make_url

from storage.engine import Patience, create_engine
from tests.measures.crowd import crowd
from tests.measures.figures import Figure, Pace, Row
from tests.measures.growth_picture import write
from tests.measures.plans import Plan, explained
from tests.measures.scale_asks import Ask, Asker
from tests.measures.scale_figures import Series, figures
from tests.postgres_cluster import TestCluster, running_cluster
from workers.furnish import furnish

NOW = datetime(2026, 6, 17, 15, tzinfo=UTC)
"""A Wednesday afternoon: every run measures the same lives."""
SIZES = (10_000, 100_000, 1_000_000)
TIMES, LEAST_TIMES, SECONDS = 100, 5, 3.0
"""How often each is asked, at least and at most, and about how long."""
PATIENCE = Patience(statement_seconds=60)
# without fsync: what a disk adds to each commit is the same at every size, and would hide growth
_ROOM = ("max_wal_size = '16GB'", "checkpoint_timeout = '30min'")


def sizes_of(pace: Pace) -> tuple[int, ...]:
    if pace.is_quick:
        return (1_000, 2_000)
    largest = int(os.environ.get("BENCH_LEADS", SIZES[1]))
    return (*(size for size in SIZES if size < largest), largest)


async def measure(pace: Pace) -> list[Figure]:
    with running_cluster() as cluster, cluster.database() as url:
        give_room(url)
        await furnish(url, NOW)
        urls: dict[int, str] = {}
        sizes = sizes_of(pace)
        async with crowd(url, NOW, starts=2 if pace.is_quick else 12) as pourer:
            for size in sizes:
                await asyncio.to_thread(pourer.fill, size)
                urls[pourer.leads] = url if size == sizes[-1] else kept(cluster, url, f"crowd_{size}")
        series = await time_all(urls, times=5 if pace.is_quick else TIMES)
        plans = await plans_of(url)
    if draw := os.environ.get("BENCH_DRAW"):
        await asyncio.to_thread(write, draw, [(one.name, one.medians, one.p99) for one in series])
    return figures(series, plans, is_held=not pace.is_quick)


def kept(cluster: TestCluster, url: str, name: str) -> str:
    """A copy of the database as it stands; it goes with the cluster."""
    cluster.server.create_database(name, template=make_url(url).database)
    return cluster.server.url(name)


def give_room(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in _ROOM:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


async def time_all(urls: dict[int, str], *, times: int) -> list[Series]:
    """Ask all sizes in turn, each time: what else the machine does falls on all of them."""
    engines = {size: create_engine(url, pool_size=2, patience=PATIENCE) for size, url in urls.items()}
    askers = {size: Asker(engine, NOW) for size, engine in engines.items()}
    for asker in askers.values():
        await asker.draw()
    found = []
    for asks in zip(*(asker.asks() for asker in askers.values()), strict=True):
        one = Series(asks[0].kind, asks[0].name, {size: [] for size in urls})
        stop = perf_counter() + SECONDS
        for time in range(times + 1):
            for size, ask in zip(urls, asks, strict=True):
                spent = await _milliseconds(ask)
                if time > 0:  # the first reads the playbook, or makes the statement known
                    one.spent[size].append(spent)
            if time >= LEAST_TIMES and perf_counter() > stop:
                break
        found.append(one)
    for size, engine in engines.items():
        await askers[size].close()
        await engine.dispose()
    return found


async def _milliseconds(ask: Ask) -> float:
    if ask.ready is not None:
        await ask.ready()
    began = perf_counter()
    await ask.once()
    return (perf_counter() - began) * 1000


async def plans_of(url: str) -> dict[str, list[Plan]]:
    """By question, the plans of its statements as they were carried out."""
    found = {}
    async with explained(url) as watched:
        asker = Asker(watched.engine, NOW, seed=2)
        await asker.draw()
        for ask in asker.asks():
            if ask.ready is not None:
                await ask.ready()
            watched.take()
            await ask.once()
            found[ask.name] = watched.take()
        await asker.close()
    unexplained = [name for name, plans in found.items() if not plans]
    if unexplained:
        raise RuntimeError(f"no plan was seen of {', '.join(unexplained)}")
    return found


ROW = Row(name="scale", about="the same questions at ever more leads", measure=measure)
