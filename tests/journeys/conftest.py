from collections.abc import AsyncIterator

import pytest_asyncio

from tests.journeys.world import World, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink


@pytest_asyncio.fixture
async def lead(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    async with world(temporal_env, database_url, smtp_sink) as made:
        yield made
