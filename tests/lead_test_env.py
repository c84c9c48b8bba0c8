"""A real Temporal dev server on which every workflow has a clock of its own that a test can move on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from workers.local_stack.binaries import find_temporal

LEAD_STAGE = SearchAttributeKey.for_keyword("LeadStage")
_SERVER = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    # by default every timer fires up to a second late, to be read together with others
    'history.timerProcessorMaxTimeShift="10ms"',
)


@dataclass(frozen=True)
class LeadTestEnv:
    """The server, a client for it, and the hand that moves a lead's clock.

    Time stands still for nobody: a workflow's clock follows the wall until `advance` moves it. Give a `Worker` a
    deployment version of its own: without one the SDK reads and hashes every loaded module first, which takes seconds.
    """

    environment: WorkflowEnvironment

    @property
    def client(self) -> Client:
        """A client with the pydantic converter; workflows started through it can be advanced."""
        return self.environment.client

    def client_with(self, data_converter: DataConverter) -> Client:
        """The same client with another data converter (such as the one with our failure converter)."""
        config = self.client.config()
        config["data_converter"] = data_converter
        return Client(**config)

    async def advance(self, handle: WorkflowHandle[Any, Any], duration: timedelta) -> bool:
        """Move one workflow's clock on, firing what comes due on the way, also across continue-as-new.

        Returns once the clock is there; False when the workflow ended before. Timers need a running worker. The server
        allows at most 200 skips for each advance.
        """
        return await self.environment.fast_forward(self._latest(handle), duration)

    async def now(self, handle: WorkflowHandle[Any, Any]) -> datetime:
        """The workflow's own present, aware UTC."""
        return await self.environment.get_current_time(self._latest(handle))

    def _latest(self, handle: WorkflowHandle[Any, Any]) -> WorkflowHandle[Any, Any]:
        """The handle without a run id, so that it follows the workflow into its next run."""
        return self.client.get_workflow_handle(handle.id)


@asynccontextmanager
async def running_lead_test_env() -> AsyncIterator[LeadTestEnv]:
    """Start the dev server in memory, and stop it at the end."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=pydantic_data_converter,
        search_attributes=[LEAD_STAGE],
        dev_server_existing_path=str(find_temporal()),
        dev_server_log_level="error",
        dev_server_startup_timeout=timedelta(seconds=30),
        dev_server_extra_args=[word for setting in _SERVER for word in ("--dynamic-config-value", setting)],
    )
    async with environment:
        yield LeadTestEnv(environment)
    # The SDK's threads still hand results over after all is shut down, and nothing tells when they are through;
    # an interpreter that ends meanwhile aborts.
    await asyncio.sleep(0.3)
