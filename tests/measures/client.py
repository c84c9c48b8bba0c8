"""A client process: `python -m tests.measures.client PORT SECRET DATABASE_URL`, told what to do on its standard input.

It can send events over HTTP, and insert the same events into a bare table, so that both are measured with the same
processes. What it sends is made ready beforehand: while the clock runs it costs as little as a client can.
"""

import gc
import json
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.measures.events import BARE_INSERT, Batch, bare_row, new_batch


@dataclass
class Client:
    """One connection of each kind, and the batches that are ready to be sent on one of them."""

    port: int
    head: bytes
    bare: psycopg.Connection[Any]
    ready: deque[Callable[[], None]] = field(default_factory=deque)
    http: socket.socket = field(default_factory=socket.socket)

    def prepare(self, to: str, size: int, first: int, step: int, batches: int) -> dict[str, Any]:
        """Have so many batches ready; they begin with the events of numbers `first`, `first + step`, and so on."""
        make = {"http": self._posting, "bare": self._inserting}[to]
        self.http.close()  # the API lets go of connections that are idle for long
        self.http = socket.create_connection(("127.0.0.1", self.port))
        self.http.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ready = deque(make(new_batch(first + step * number, size)) for number in range(batches))
        gc.collect()
        gc.freeze()  # what lies ready is not walked through while the clock runs
        return {"ready": len(self.ready)}

    def run(self, start: float, seconds: float) -> dict[str, Any]:
        """Send one batch after the other for so long, as long as there are any. Instants are of `time.monotonic`."""
        _wait_until(start)
        done = 0
        while self.ready and time.monotonic() < start + seconds:
            self.ready.popleft()()
            done += 1
        return {"batches": done, "seconds": time.monotonic() - start}

    def pace(self, start: float, every: float) -> dict[str, Any]:
        """Send all that is ready at a steady rate.

        Says milliseconds from the instant each was due until its answer: one that waits because those before it are
        slow has waited.
        """
        took = []
        for due in _instants(start, every, len(self.ready)):
            _wait_until(due)
            self.ready.popleft()()
            took.append((time.monotonic() - due) * 1000)
        return {"milliseconds": took}

    def _posting(self, batch: Batch) -> Callable[[], None]:
        body = json.dumps(batch).encode()
        request = self.head + f"{len(body)}\r\n\r\n".encode() + body
        return lambda: self._post(request)

    def _post(self, request: bytes) -> None:
        self.http.sendall(request)
        answer = bytearray(self.http.recv(65_536))
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = bytes(answer[:end]).lower()
        if not head.startswith(b"http/1.1 202 "):
            raise RuntimeError(f"not accepted: {bytes(answer).decode()}")
        left = end + 4 + int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]) - len(answer)
        while left > 0:
            left -= len(self._more())

    def _more(self) -> bytes:
        data = self.http.recv(262_144)
        if not data:
            raise RuntimeError("the API hung up")
        return data

    def _inserting(self, batch: Batch) -> Callable[[], None]:
        rows = [bare_row(event) for event in batch]
        return lambda: self._insert(rows)

    def _insert(self, rows: list[tuple[str, ...]]) -> None:
        with self.bare.cursor() as cursor:
            # in autocommit all rows go down one pipeline: one transaction, and no round trip to commit it
            cursor.executemany(BARE_INSERT, rows)


def _instants(start: float, every: float, count: int) -> Iterator[float]:
    return (start + every * number for number in range(count))


def _wait_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.monotonic()))


def main(port: int, secret: str, database_url: str) -> None:
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        "Content-Type: application/cloudevents-batch+json\r\nContent-Length: "
    )
    with psycopg.connect(database_url, autocommit=True) as bare:
        client = Client(port, head.encode(), bare)
        do: dict[str, Callable[..., dict[str, Any]]]
        do = {"prepare": client.prepare, "run": client.run, "pace": client.pace}
        for line in sys.stdin:
            order = json.loads(line)
            sys.stdout.write(json.dumps(do[order.pop("do")](**order)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
