"""The way to Temporal: clients as the environment says, patient with a server that is not up yet."""

import asyncio
from typing import Any

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import GrpcCompression, RPCError, RPCStatusCode

from workers.endpoints import temporal_connect_config
from workers.logs import quiet_temporal_logs, temporal_core_logging
from workers.settings import Settings
from workflows.converter import data_converter
from workflows.front_door import LEAD_STAGE

_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 15.0

log = structlog.get_logger()


def start_runtime() -> Runtime:
    """The SDK's native half, logging through our logs. Call once per process, before the first client."""
    quiet_temporal_logs()
    runtime = Runtime(telemetry=TelemetryConfig(logging=temporal_core_logging()))
    Runtime.set_default(runtime)
    return runtime


async def connect(settings: Settings) -> Client:
    """A client that is connected; waits for a Temporal that is not up yet, with one log line for each try."""
    config = _config(settings)
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            client = await Client.connect(**config)
            await ensure_search_attribute(client)
        except (RPCError, RuntimeError) as error:
            log.warning("temporal_away", code=_code_of(error), address=config["target_host"], retry_in_seconds=wait)
        else:
            log.info("temporal_connected", address=config["target_host"], namespace=client.namespace)
            return client
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


async def lazy_client(settings: Settings) -> Client:
    """A client that connects when first used, for a process that must serve while Temporal is away."""
    return await Client.connect(**_config(settings), lazy=True)


def _config(settings: Settings) -> dict[str, Any]:
    """What travels is ids and codes: packing that costs both ends more than the network would."""
    ours = {"data_converter": data_converter, "grpc_compression": GrpcCompression.NONE}
    return temporal_connect_config(settings) | ours


async def ensure_search_attribute(client: Client) -> None:
    """Register the stage as a search attribute where we may; without it no lead could take its first turn.

    Raises `RPCError` when the server is away; a server that lets nobody register is told of in the log.
    """
    name, service, namespace = LEAD_STAGE.name, client.operator_service, client.namespace
    try:
        known = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
        if name not in known.custom_attributes:
            keyword = {name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
            await service.add_search_attributes(
                AddSearchAttributesRequest(namespace=namespace, search_attributes=keyword)
            )
    except RPCError as error:
        if error.status is RPCStatusCode.UNAVAILABLE:
            raise
        log.warning("search_attribute_unchecked", name=name, kind="Keyword", code=_code_of(error))


def _code_of(error: Exception) -> str:
    return error.status.name if isinstance(error, RPCError) else type(error).__name__
