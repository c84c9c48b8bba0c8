"""Taking events in: `POST /v1/events` and what belongs to it.

Plain Starlette routes, since this is the hot path; `api.ingest_openapi` describes them. Either all events of a request
are stored or none; with `partial=true` the valid ones are.
"""

import time
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth import Caller, gate_of
from api.cloudevents import mode_of, read
from api.decode import Decoded, EventProblem, Sender, decode
from api.dependencies import Dependencies, dependencies_of
from api.intake import Intake
from api.metrics import IngestMetrics
from api.problems import InvalidRequest, Problem
from api.store_call import store_call
from api.strict_route import check_parameters
from leads.events import EVENTS, stream_of
from storage.journal import Preview
from storage.keys import Scope
from storage.posting import Verdict

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Ingest:
    """The endpoints, and what they count."""

    def __init__(self, metrics: IngestMetrics) -> None:
        self._metrics = metrics

    def routes(self) -> list[Route]:
        return [
            Route("/v1/events", self.accept, methods=["POST"]),
            Route("/v1/events/validate", self.validate, methods=["POST"]),
            Route("/v1/event-types", self.event_types, methods=["GET"]),
        ]

    async def accept(self, request: Request) -> Response:
        """Store the events of a request."""
        started = time.perf_counter()
        status = 500
        try:
            response = await self._accept(request)
            status = response.status_code
        except Problem as problem:
            status = problem.status
            raise
        finally:
            self._metrics.answered(status, time.perf_counter() - started)
        return response

    async def validate(self, request: Request) -> Response:
        """Say what would become of each event; store nothing."""
        deps, caller = await _admit(request)
        decoded = await _decode(request, deps, caller)
        previews: list[Preview] = []
        if decoded.events:
            async with store_call(deps.limits.store_seconds):
                previews = await deps.journal.preview([event for _, event in decoded.events])
        return _json(_previewed(decoded, previews))

    async def event_types(self, request: Request) -> Response:
        """Every known type with the JSON Schema of its data."""
        await _admit(request)
        return _json({"event_types": {name: _described(name) for name in EVENTS}})

    async def _accept(self, request: Request) -> Response:
        deps, caller = await _admit(request, "partial")
        partial = _partial(request)
        decoded = await _decode(request, deps, caller)
        self._metrics.received(len(decoded.types))
        intake = Intake(decoded)
        try:
            async with store_call(deps.limits.store_seconds):
                await intake.store(deps.journal, deps.now(), partial=partial)
        finally:
            self._metrics.count(intake.results())
        return _json(_accepted(intake, partial=partial), status=202)


async def _admit(request: Request, *parameters: str) -> tuple[Dependencies, Caller]:
    caller = await gate_of(request).admit(request, Scope.EVENTS_WRITE)
    check_parameters(request, parameters)
    return dependencies_of(request), caller


def _partial(request: Request) -> bool:
    value = request.query_params.get("partial", "false")
    if value not in _FLAGS:
        raise InvalidRequest("partial must be true or false.")
    return _FLAGS[value]


async def _decode(request: Request, deps: Dependencies, caller: Caller) -> Decoded:
    headers = request.headers.raw
    mode = mode_of(headers)
    message = read(mode, headers, await request.body(), max_events=deps.limits.max_events)
    return decode(
        message.raws,
        sender=Sender(caller.actor, caller.sources or None),
        now=deps.now(),
        future_tolerance=deps.limits.future_tolerance,
        look_at_strings=message.look_at_strings,
    )


def _accepted(intake: Intake, *, partial: bool) -> dict[str, Any]:
    """As `ingest_models.Accepted` describes it; plain dictionaries, since a batch has a thousand of them."""
    duplicates = sum(receipt.duplicate for receipt in intake.receipts)
    answer: dict[str, Any] = {
        "accepted": len(intake.receipts) - duplicates,
        "duplicates": duplicates,
        "events": [
            {
                "id": receipt.id,
                "lead_id": receipt.lead_id,
                "sequence": receipt.sequence,
                "duplicate": receipt.duplicate,
            }
            for receipt in intake.receipts
        ],
    }
    if partial:
        answer["rejected"] = sorted(intake.problems, key=lambda problem: problem.index)
    return answer


def _previewed(decoded: Decoded, previews: list[Preview]) -> dict[str, Any]:
    problems: dict[int, list[EventProblem]] = {}
    for problem in decoded.problems:
        problems.setdefault(problem.index, []).append(problem)
    verdicts = [preview.verdict for preview in previews]
    valid = {index: preview for (index, _), preview in zip(decoded.events, previews, strict=True)}
    events: list[dict[str, Any]] = []
    for index in range(len(decoded.types)):
        if index in valid:
            found = valid[index]
            events.append(_preview_of(index, found.id, found.verdict, found.lead_id, []))
        else:
            reasons = problems[index]
            events.append(_preview_of(index, reasons[0].id, "invalid", None, reasons))
    return {
        "new": verdicts.count(Verdict.NEW),
        "duplicates": verdicts.count(Verdict.DUPLICATE),
        "conflicts": verdicts.count(Verdict.CONFLICT),
        "invalid": len(problems),
        "events": events,
    }


def _preview_of(
    index: int, event_id: str | None, outcome: str, lead_id: UUID | None, problems: list[EventProblem]
) -> dict[str, Any]:
    return {"index": index, "id": event_id, "outcome": outcome, "lead_id": lead_id, "problems": problems}


def _described(event_type: str) -> dict[str, Any]:
    schema = EVENTS[event_type].model_json_schema(by_alias=True)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {"stream": stream_of(event_type), "schema": dialect | schema}


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(to_json(content), status, media_type="application/json")
