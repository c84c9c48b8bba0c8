"""Patience with the database: a request that waits too long is told that the store is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.problems import StoreAway


@asynccontextmanager
async def store_call(seconds: float) -> AsyncIterator[None]:
    """Raises `StoreAway` where what is inside takes longer, or can't reach its server."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (TimeoutError, ConnectionError):
        raise StoreAway from None
