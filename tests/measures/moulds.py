"""Lives lived for real, each to be poured into thousands of leads: through the journal and the steps, on the database.

What comes of a life (state, promises, hand-offs, notices, timeline) is what the product made of it. Only how often each
kind of life is met is chosen here.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from storage.ids import Uuid7Generator
from storage.journal import Journal, NewEvent
from storage.playbooks import Shelves
from storage.step_store import StepStore
from tests.measures.kinds_of_life import KINDS, KindOfLife
from tests.paper import dated
from tests.scripts import Beat

SYSTEM = "crowd"
"""Whose keys the crowd's subjects are."""
DAY = timedelta(days=1)
_SENT = text("""
UPDATE actions SET state = :state, done_at = :now, attempts = 1, error_code = :code
WHERE lead_id = :lead_id AND state = 'pending'
""")


@dataclass(frozen=True, slots=True)
class Mould:
    lead_id: UUID
    word: str
    """Stands in every id and key of this life and nowhere else; its copies have others of the same length."""
    share: float
    """Of all leads."""


def word_of(mould: int, copy: int) -> str:
    return f"crowd-{mould:03}-{copy:07}"


def phone_of(mould: int, copy: int) -> str:
    return f"+4930{mould:03}{copy:07}"


async def live_moulds(
    engine: AsyncEngine, now: datetime, *, starts: int, kinds: Sequence[KindOfLife] = KINDS
) -> list[Mould]:
    """Every kind of life, begun at `starts` instants each and lived until `now`."""
    living = _Living(engine, now)
    total = sum(kind.weight for kind in kinds)
    moulds = []
    for number, (kind, begin) in enumerate(_beginnings(now, starts, kinds)):
        with capture_logs():  # some get stuck, as they should
            lead_id = await living.live(number, kind, begin)
        moulds.append(Mould(lead_id, word_of(number, 0), kind.weight / total / starts))
    await living.close()
    return moulds


def _beginnings(now: datetime, starts: int, kinds: Sequence[KindOfLife]) -> Iterator[tuple[KindOfLife, datetime]]:
    for kind in kinds:
        for start in range(starts):
            age = kind.youngest + (kind.oldest - kind.youngest) * (start / starts)
            yield kind, _at_work(now - age, start) if age > 2 * DAY else now - age


def _at_work(instant: datetime, start: int) -> datetime:
    """Some minute of a working morning, that day or the next Monday."""
    morning = instant.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(minutes=7 + 13 * start % 170)
    return morning + DAY * max(0, 7 - morning.weekday() if morning.weekday() > 4 else 0)


class _Living:
    def __init__(self, engine: AsyncEngine, now: datetime) -> None:
        self._engine = engine
        self._now = now
        self._began_ms = 0
        self._journal = Journal(engine, Uuid7Generator(clock_ms=lambda: self._began_ms))
        self._steps = StepStore(engine, Shelves(engine))

    async def close(self) -> None:
        await self._journal.close()

    async def live(self, number: int, kind: KindOfLife, begin: datetime) -> UUID:
        # ids rise with the time of capture, as they do where leads come in one by one
        self._began_ms = round(begin.timestamp() * 1000)
        beats = sorted(kind.beats, key=lambda beat: beat.arrives)
        lead_id, wake_at = None, None
        for place, beat in enumerate(beats):
            at = begin + beat.arrives
            if lead_id is not None:
                wake_at = await self._sleep(lead_id, wake_at, at)
            event = _event(number, place, beat, begin)
            (receipt,) = await self._journal.append([event], at)
            lead_id = receipt.lead_id
            if lead_id is None:
                raise RuntimeError(f"{beat.name} is about no lead")
            if not (kind.is_last_unread and place == len(beats) - 1):
                wake_at = await self._step(lead_id, at, kind)
        if lead_id is None:
            raise RuntimeError("a life begins with a fact")
        if not kind.is_last_unread:
            await self._sleep(lead_id, wake_at, self._now)
        return lead_id

    async def _sleep(self, lead_id: UUID, wake_at: datetime | None, end: datetime) -> datetime | None:
        """Wake at every instant the lead asks for until `end`."""
        while wake_at is not None and wake_at < end:
            wake_at = await self._step(lead_id, wake_at)
        return wake_at

    async def _step(self, lead_id: UUID, at: datetime, kind: KindOfLife | None = None) -> datetime | None:
        taken = await self._steps.take_step(lead_id, at)
        if taken.actions and not (kind and kind.is_last_undone):
            parked = kind is not None and kind.is_parked
            row = {"state": "parked" if parked else "done", "code": "mail_550" if parked else None}
            async with self._engine.begin() as connection:
                await connection.execute(_SENT, row | {"lead_id": lead_id, "now": None if parked else at})
        return taken.wake_at if taken.stuck_code is None else None


def _event(number: int, place: int, beat: Beat, begin: datetime) -> NewEvent:
    word = word_of(number, 0)
    data = dated(beat.data, begin)
    if beat.name == "lead.captured":
        data |= {"name": f"Person {word}", "email": f"{word}@example.com", "phone": phone_of(number, 0),
                 "company": f"Company {word}", "campaign": "autumn", "form": "demo"}  # fmt: skip
    return NewEvent(
        source="website" if place < 2 else "crm",
        id=f"{word}-{place}",
        type=beat.name,
        stream="lead",
        system=SYSTEM,
        subject=word,
        effective_at=begin + beat.after,
        data=data,
        digest=hashlib.sha256(json.dumps([beat.name, data]).encode()).digest(),
    )
