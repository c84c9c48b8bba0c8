"""Prometheus reads each process on a loopback port of its own; no key is asked for there."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry, start_http_server

from workers.errors import CliError
from workers.settings import Settings

log = structlog.get_logger()


@contextmanager
def metrics_served(settings: Settings, registry: CollectorRegistry) -> Iterator[None]:
    """Serve the registry on the metrics host and port while the process runs. Raises `CliError` for a port in use."""
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CliError(f"Metrics can't be served on {host}:{port} ({reason}): set LEADLOOP_METRICS_PORT") from None
    log.info("metrics_served", host=host, port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
