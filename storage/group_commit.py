"""Small appends that arrive while one is being written share the next transaction, as a database shares a log flush."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.new_event import EventConflict, NewEvent, Receipt, UnstorableEventError

Write = Callable[[Sequence[NewEvent], datetime], Awaitable[list[Receipt]]]
_MOST_EVENTS = 500


@dataclass(slots=True)
class _Call:
    events: Sequence[NewEvent]
    recorded_at: datetime
    answer: asyncio.Future[list[Receipt]]


class GroupCommit:
    """Nothing waits for company: a call that finds nobody writing is written at once and alone."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[_Call] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, events: Sequence[NewEvent], recorded_at: datetime) -> list[Receipt]:
        """The receipts of these events; raises what writing them alone would raise."""
        call = _Call(events, recorded_at, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._writer is None or self._writer.done():
            # a task of its own: a caller that is cancelled must not take the others along
            self._writer = asyncio.create_task(self._write_waiting(), name="group commit")
        return await call.answer

    async def _write_waiting(self) -> None:
        while self._waiting:
            await self._write_group(self._take())
            await asyncio.sleep(0)  # lets callers that were just answered join the next group

    def _take(self) -> list[_Call]:
        taken = size = 0
        for call in self._waiting:
            size += len(call.events)
            if taken and size > _MOST_EVENTS:
                break
            taken += 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group

    async def _write_group(self, group: Sequence[_Call]) -> None:
        if len(group) == 1:
            await self._write_alone(group[0])
            return
        events = [event for call in group for event in call.events]
        try:
            receipts = await self._write(events, max(call.recorded_at for call in group))
        except (EventConflict, UnstorableEventError):
            # one call's fault is not another's
            for call in group:
                await self._write_alone(call)
        except BaseException as error:  # noqa: BLE001 each of the group is told, and raises it
            for call in group:
                _settle(call, error)
        else:
            start = 0
            for call in group:
                _settle(call, receipts[start : start + len(call.events)])
                start += len(call.events)

    async def _write_alone(self, call: _Call) -> None:
        try:
            _settle(call, await self._write(call.events, call.recorded_at))
        except BaseException as error:  # noqa: BLE001 the caller is told, and raises it
            _settle(call, error)


def _settle(call: _Call, answer: list[Receipt] | BaseException) -> None:
    if call.answer.done():  # its caller has gone
        return
    if isinstance(answer, BaseException):
        call.answer.set_exception(answer)
    else:
        call.answer.set_result(answer)
