"""Time-ordered ids (UUIDv7, RFC 9562), made here because not every Python or PostgreSQL we allow has them."""

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

_TAIL_BITS = 74
_TAIL_LOW = (1 << 62) - 1


class Uuid7Generator:
    """Gives ids that only rise within a process, also within a millisecond and when the clock is set back.

    `clock_ms` tells milliseconds since 1970, `randbits` draws that many random bits.
    """

    def __init__(
        self,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        randbits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._clock_ms = clock_ms
        self._randbits = randbits
        self._lock = threading.Lock()
        self._at_ms = -1
        self._tail = 0

    def __call__(self) -> UUID:
        with self._lock:
            now_ms = self._clock_ms()
            if now_ms > self._at_ms:
                self._at_ms = now_ms
                # the top bit is left free: room to count up within the millisecond
                self._tail = self._randbits(_TAIL_BITS - 1)
            else:
                self._tail += 1 + self._randbits(32)
            return _assemble(self._at_ms, self._tail)


def _assemble(at_ms: int, tail: int) -> UUID:
    high = (at_ms & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | tail >> 62
    low = 0b10 << 62 | tail & _TAIL_LOW
    return UUID(int=high << 64 | low)


uuid7 = Uuid7Generator()
"""The process's generator."""
