"""What the HTTP side counts, and the page it is read from. Labels name types and results, never a person."""

from collections import Counter as Tally
from collections.abc import Iterable

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Requires
from api.dependencies import dependencies_of
from api.strict_route import StrictRoute
from storage.keys import Scope

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BATCH = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

router = APIRouter(tags=["operations"], route_class=StrictRoute)


class IngestMetrics:
    """Counts events by what became of them.

    Results: `accepted`, `duplicate`, `invalid`, `conflict`, and `withheld` for a valid event that was not stored
    because another one of its request was refused.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "leadloop_ingest_events", "Events received, by type and result.", ["type", "result"], registry=registry
        )
        self._seconds = Histogram(
            "leadloop_ingest_seconds",
            "Time to answer a request with events, by status.",
            ["status"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._sizes = Histogram(
            "leadloop_ingest_batch_events", "Events in a request.", buckets=_BATCH, registry=registry
        )

    def count(self, results: Iterable[tuple[str, str]]) -> None:
        """Count (type, result) pairs."""
        for (event_type, result), number in Tally(results).items():
            self._events.labels(event_type, result).inc(number)

    def answered(self, status: int, seconds: float) -> None:
        self._seconds.labels(str(status)).observe(seconds)

    def received(self, events: int) -> None:
        self._sizes.observe(events)


@router.get(
    "/metrics",
    dependencies=[Depends(Requires(Scope.METRICS_READ))],
    response_class=Response,
    responses={200: {"description": "The Prometheus text format.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Prometheus metrics of the process that answers."""
    return Response(generate_latest(dependencies_of(request).registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
