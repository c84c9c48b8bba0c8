"""How the server carries out what is asked of it: every statement's plan, with the rows it really looked at."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg.errors import Diagnostic
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import create_engine

_EXPLAIN_ALL = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off;
SET auto_explain.log_format = json; SET auto_explain.log_level = notice
"""


@dataclass(frozen=True, slots=True)
class Plan:
    statement: str
    tree: dict[str, Any]

    @property
    def seen_whole(self) -> set[str]:
        """Tables read from beginning to end."""
        return {node["Relation Name"] for node in _nodes(self.tree) if node["Node Type"] == "Seq Scan"}

    def looked_at(self) -> int:
        """The most rows any node took up, those it then left out included."""
        return max((_rows(node) for node in _nodes(self.tree)), default=0)


@dataclass
class Explained:
    """An engine of its own, whose statements are all explained."""

    engine: AsyncEngine
    plans: list[Plan] = field(default_factory=list)

    def take(self) -> list[Plan]:
        """Those since the last time."""
        taken, self.plans[:] = list(self.plans), []
        return taken


@asynccontextmanager
async def explained(database_url: str) -> AsyncIterator[Explained]:
    """Needs a superuser: the server lets nobody else load `auto_explain`."""
    watched = Explained(create_engine(database_url, pool_size=2))

    def note(said: Diagnostic) -> None:
        _, found, plan = (said.message_primary or "").partition("plan:\n")
        if found:
            told = json.loads(plan)
            watched.plans.append(Plan(told["Query Text"], told["Plan"]))

    def listen(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(_EXPLAIN_ALL)
        cursor.close()
        connection.commit()
        connection.driver_connection.add_notice_handler(note)

    event.listen(watched.engine.sync_engine, "connect", listen)
    try:
        yield watched
    finally:
        await watched.engine.dispose()


def _nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for below in tree.get("Plans", ()):
        yield from _nodes(below)


def _rows(node: dict[str, Any]) -> int:
    left_out = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")
    rows: float = (node["Actual Rows"] + sum(node.get(name, 0) for name in left_out)) * node["Actual Loops"]
    return round(rows)
