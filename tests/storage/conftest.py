from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import create_engine
from storage.journal import Journal


@pytest_asyncio.fixture(loop_scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_engine(database_url, pool_size=8)
    yield made
    await made.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def journal(engine: AsyncEngine) -> AsyncIterator[Journal]:
    made = Journal(engine)
    yield made
    await made.close()
