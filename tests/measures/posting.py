"""Posts events to an API as a sender would: real HTTP on connections that are kept, cheaply for whoever measures."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.measures.stack import Api


@dataclass(frozen=True)
class Receipt:
    """Where an accepted event stands."""

    lead_id: UUID
    sequence: int


class Posting:
    """Posts batches; opens as many connections as are needed at once."""

    def __init__(self, api: Api) -> None:
        self._port = api.port
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {api.secret}\r\n"
            "Content-Type: application/cloudevents-batch+json\r\nContent-Length: "
        ).encode()
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, events: Sequence[dict[str, Any]]) -> list[Receipt]:
        """The receipts in the events' order. Raises RuntimeError for any answer but 202."""
        body = json.dumps(events).encode()
        head, answer = await self._ask(self._head + f"{len(body)}\r\n\r\n".encode() + body)
        if not head.startswith(b"http/1.1 202 "):
            raise RuntimeError(f"not accepted: {head.decode()}{answer.decode()}")
        return [Receipt(UUID(told["lead_id"]), told["sequence"]) for told in json.loads(answer)["events"]]

    async def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Head and body of the answer. A kept connection may just be let go by the server: then it is asked anew."""
        while True:
            is_kept = bool(self._free)
            reader, writer = self._free.pop() if is_kept else await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
            except (ConnectionError, asyncio.IncompleteReadError):
                writer.close()
                if not is_kept:
                    raise
            else:
                answer = await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                self._free.append((reader, writer))
                return head, answer

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()
        self._free.clear()
