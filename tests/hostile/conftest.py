from collections.abc import AsyncIterator

import pytest_asyncio

from tests.hostile.house import House, open_house
from tests.postgres_cluster import TestCluster


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(cluster: TestCluster) -> AsyncIterator[House]:
    """One house for all tests of a file: to build it takes seconds."""
    with cluster.database() as url:
        async with open_house(url) as opened:
            yield opened
