"""`POST /v1/playbook/preview`: what a draft would do to the leads there are. Changes nothing.

A long one is asked for as lines (`Accept: application/x-ndjson`): how far it is, over and over, and the preview last. A
caller who goes away ends it.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from fastapi.openapi.models import Example
from fastapi.params import Body
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from api.auth import Requires
from api.dependencies import Dependencies, dependencies_of
from api.playbook_matching import InvalidPlaybook, refusals
from api.playbook_models import PlaybookDraft, RunningPromises
from api.preview_example import PREVIEW_EXAMPLE
from api.problems import InternalError, Problem, StoreAway, responses
from api.strict_route import StrictRoute
from leads.events import WrittenInstant
from leads.what_if.report import Preview
from storage.keys import Scope
from storage.preview_reading import PreviewsBusyError
from storage.preview_store import MOST_LEADS, Asked, Progress

LINES = "application/x-ndjson"
_LOOKS_SECONDS = 1.0
"""How often a caller who waits for one answer is looked for."""

_log = structlog.get_logger()

router = APIRouter(prefix="/v1/playbook", tags=["playbook"], route_class=StrictRoute)
MayRead = Depends(Requires(Scope.PLAYBOOK_READ))


class PreviewsBusy(Problem):
    """As many previews run as may at once, whoever asked for them."""

    status = 429
    name = "previews-busy"
    title = "Other previews are running"


class PreviewTooLong(Problem):
    """The preview was given up."""

    status = 503
    name = "preview-too-long"
    title = "The preview took too long"


class WantedPreview(PlaybookDraft):
    running: RunningPromises = Field(
        default=RunningPromises(), description="What becomes of promises under way, as it would be published with."
    )
    since: WrittenInstant | None = Field(
        default=None, description="Fold past hand-offs from then on too, as if the draft had always been in force."
    )
    most_leads: int = Field(
        default=MOST_LEADS, ge=1, le=MOST_LEADS, strict=True,
        description="Open leads, and past ones, looked at; where there are more, an even sample of them.",
    )  # fmt: skip


class PreviewProgress(BaseModel):
    done: int = Field(description="Leads looked at so far.")
    leads: int = Field(description="Leads to look at.")


class PreviewLine(BaseModel):
    """One line of a preview as lines: one of its fields. The last line has the preview, or the problem."""

    progress: PreviewProgress | None = None
    preview: Preview | None = None
    problem: dict[str, Any] | None = None


_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Preview,
        "description": "What the draft would do; nothing has been changed.",
        "content": {
            "application/json": {"example": PREVIEW_EXAMPLE},
            LINES: {"schema": {"$ref": "#/components/schemas/PreviewLine"}},
        },
    }
}
_EXAMPLE = Body(
    openapi_examples={
        "open and past leads": Example(
            summary="A draft, and what it would have made of the year so far",
            value={"source": "playbook: 1\n…", "since": "2026-01-01T00:00:00Z"},
        )
    }
)


@router.post(
    "/preview",
    response_model=Preview,
    responses=_ANSWER | responses(InvalidPlaybook, PreviewsBusy, PreviewTooLong),
    dependencies=[MayRead],
)
async def preview_draft(request: Request, wanted: Annotated[WantedPreview, _EXAMPLE]) -> Response | Preview:
    """What a draft would do: to open leads at once, and to past ones had it been in force. Publishes nothing.

    Two previews run at a time. Ask for `application/x-ndjson` to hear how far it is: large ones take a minute.
    """
    deps = dependencies_of(request)
    under_way = _UnderWay(deps, wanted)
    if LINES in request.headers.get("accept", ""):
        await under_way.first_word()
        return StreamingResponse(under_way.lines(), media_type=LINES)
    return await under_way.whole(request)


class _UnderWay:
    """One preview while it runs."""

    def __init__(self, deps: Dependencies, wanted: WantedPreview) -> None:
        self._deps = deps
        self._asked = Asked(
            source=wanted.source, running=wanted.running.chosen, since=wanted.since, most_leads=wanted.most_leads
        )
        self._news: asyncio.Queue[Progress | None] = asyncio.Queue()
        """How far it is; None at the end."""
        self._first: Progress | None = None
        self._task = asyncio.create_task(self._preview())
        self._task.add_done_callback(lambda _: self._news.put_nowait(None))

    async def whole(self, request: Request) -> Preview:
        """The preview, or its problem. Ends it when nobody waits any more."""
        try:
            while not self._task.done():
                await asyncio.wait({self._task}, timeout=_LOOKS_SECONDS)
                if await request.is_disconnected():
                    raise ClientDisconnect
            return await self._task
        finally:
            self._task.cancel()

    async def first_word(self) -> None:
        """Wait until leads are being looked at. Raises the problem where it does not come to that."""
        self._first = await self._news.get()
        if self._first is None:
            await self._task

    async def lines(self) -> AsyncIterator[bytes]:
        news = self._first
        try:
            while news is not None:
                yield _line(progress=PreviewProgress(done=news.done, leads=news.leads))
                news = await self._news.get()
            yield await self._last_line()
        finally:
            self._task.cancel()

    async def _last_line(self) -> bytes:
        try:
            return _line(preview=await self._task)
        except Problem as problem:
            return _line(problem=problem.document())
        except Exception as error:  # noqa: BLE001  the answer has begun: there is no other way to say it
            _log.error("preview_failed", error=type(error).__name__)
            return _line(problem=InternalError("Ask again; if it fails again, report it.").document())

    async def _preview(self) -> Preview:
        limits = self._deps.limits
        try:
            async with asyncio.timeout(limits.preview_seconds), refusals(self._deps):
                return await self._deps.previews.preview(self._asked, self._deps.now(), self._news.put_nowait)
        except PreviewsBusyError:
            detail = "Two are under way already; ask again in some seconds."
            raise PreviewsBusy(detail, headers={"Retry-After": "10"}) from None
        except TimeoutError:
            raise PreviewTooLong("Ask for fewer leads with most_leads, or for a later since.") from None
        except ConnectionError:
            raise StoreAway from None


def _line(**said: Any) -> bytes:
    return to_json(said) + b"\n"
