"""Statements that travel together: sent in one write, answered in one read.

psycopg's own pipeline goes to the socket with each statement, and the server wakes for each. A step of ten statements
pays six times as much for that, in processor time as in waiting. So this speaks the protocol on a connection of the
pool through `psycopg.pq`, the driver's documented lower half.
"""

import asyncio
import re
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import PREPARED, away_said, psycopg_of

_PLACE = re.compile(r"%\((\w+)\)s|%%")
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


class Answer:
    """What the server says to one statement: known once the pipeline was flushed."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        """Named tuples; none for a statement that returns nothing."""

    @property
    def first(self) -> Any:
        """The first row, or None."""
        return self.rows[0] if self.rows else None


class Pipeline:
    """One transaction. What is sent waits for `flush`, or for the commit."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], prepared: dict[str, bytes] | None) -> None:
        """`prepared` are the names of statements the connection knows; it is added to. None: nothing is prepared."""
        self._pgconn = connection.pgconn
        self._adapt = Transformer(connection)
        self._prepared = prepared
        self._waiting: list[tuple[str, dict[str, Any], Answer]] = []
        self.send("BEGIN")

    def send(self, statement: str, **params: Any) -> Answer:
        """Have a statement carried out with the next flush; its places are written `%(name)s`.

        The server infers the types of places: cast those of which it cannot know.
        """
        answer = Answer()
        self._waiting.append((statement, params, answer))
        return answer

    async def flush(self) -> None:
        """One round trip: everything sent is carried out in its order. Raises what the driver raises.

        After an error nothing that follows is carried out, and the connection is of no use any more.
        """
        under_way, self._waiting = self._waiting, []
        self._pgconn.enter_pipeline_mode()
        answers = [answer for item in under_way for answer in self._put(*item)]
        self._pgconn.pipeline_sync()
        await self._hear(answers)
        self._pgconn.exit_pipeline_mode()

    def _put(self, statement: str, params: dict[str, Any], answer: Answer) -> list[Answer]:
        """Into the buffer. Returns who hears each of the server's answers, in their order."""
        query, places = _numbered(statement)
        values = self._adapt.dump_sequence([params[name] for name in places], [PyFormat.TEXT] * len(places))
        if self._prepared is None:
            self._pgconn.send_query_params(query, values)
            return [answer]
        heard = [answer]
        if statement not in self._prepared:
            self._prepared[statement] = b"leadloop_%d" % len(self._prepared)
            self._pgconn.send_prepare(self._prepared[statement], query)
            heard.insert(0, Answer())
        self._pgconn.send_query_prepared(self._prepared[statement], values)
        return heard

    async def _hear(self, answers: list[Answer]) -> None:
        waiting = iter(answers)
        error: psycopg.Error | None = None
        async with _readiness(self._pgconn) as ready:
            while self._pgconn.flush():
                await ready(to_write=True)
            while True:
                while self._pgconn.is_busy():
                    await ready(to_write=False)
                result = self._pgconn.get_result()
                if result is None:
                    continue  # the end of one statement's answer
                if result.status == ExecStatus.PIPELINE_SYNC:
                    break
                if result.status in _FAILED and error is None:
                    error = error_from_result(result)
                answer = next(waiting)
                if result.status == ExecStatus.TUPLES_OK:
                    answer.rows = self._read(result)
        if error is not None:
            raise error

    def _read(self, result: PGresult) -> list[Any]:
        names = tuple((result.fname(column) or b"").decode() for column in range(result.nfields))
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, _row_of(names))


@asynccontextmanager
async def pipelined(engine: AsyncEngine) -> AsyncIterator[Pipeline]:
    """A transaction whose statements travel together; it is committed at the end, with what was sent last.

    After an error of the driver the connection is closed rather than used again. Raises `DatabaseAwayError`.
    """
    with away_said():
        async with engine.connect() as pooled:
            connection = await psycopg_of(pooled)
            pipeline = Pipeline(connection, (await pooled.get_raw_connection()).info.get(PREPARED))
            try:
                yield pipeline
                pipeline.send("COMMIT")
                await pipeline.flush()
            except (psycopg.Error, asyncio.CancelledError):
                await pooled.invalidate()
                raise


@asynccontextmanager
async def _readiness(pgconn: PGconn) -> AsyncIterator[Callable[..., Any]]:
    """Gives a wait for the socket: until there is something to read, or also until it takes more."""
    loop, socket = asyncio.get_running_loop(), pgconn.socket
    woken = asyncio.Event()
    is_writing = False
    loop.add_reader(socket, woken.set)

    async def ready(*, to_write: bool) -> None:
        nonlocal is_writing
        if to_write != is_writing:
            is_writing = to_write
            loop.add_writer(socket, woken.set) if to_write else loop.remove_writer(socket)
        await woken.wait()
        woken.clear()
        pgconn.consume_input()

    try:
        yield ready
    finally:
        loop.remove_reader(socket)
        loop.remove_writer(socket)


@lru_cache(maxsize=512)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as the server reads it, and the names of its places in their order."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return "%" if found[1] is None else f"${names.setdefault(found[1], len(names) + 1)}"

    return _PLACE.sub(number, statement).encode(), tuple(names)


@lru_cache(maxsize=512)
def _row_of(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024  fields are known when it is read
    make: Callable[[Sequence[Any]], Any] = row._make
    return make
