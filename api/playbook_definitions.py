"""`/v1/playbook/definitions`: what the words mean here, beside the rules; as JSON, or as a page to print."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Requires
from api.definitions_page import POLICY, DefinitionsTemplate
from api.dependencies import Dependencies, dependencies_of
from api.playbook_matching import no_such_revision
from api.playbook_models import LAST_NUMBER
from api.problems import NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.telling.definitions import DefinitionsPage, definitions_page, review_warnings
from storage.keys import Scope

router = APIRouter(prefix="/v1/playbook", tags=["playbook"], route_class=StrictRoute)
_HTML, _JSON = "text/html", "application/json"


@router.get(
    "/definitions",
    response_model=DefinitionsPage,
    responses=responses(NotFound) | {200: {"content": {_HTML: {"schema": {"type": "string"}}}}},
    dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))],
)
async def show_definitions(
    request: Request,
    response: Response,
    revision: Annotated[int | None, Query(ge=1, le=LAST_NUMBER, description="The newest when left out.")] = None,
) -> Response | DefinitionsPage:
    """What a lead, a qualified lead, a real touch and each stage mean, in words and by the playbook's rules.

    With `Accept: text/html` it is a page to read and to print.
    """
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.playbooks.in_words(revision)
    if found is None:
        raise no_such_revision()
    record, playbook, names = found
    page = definitions_page(
        playbook, revision=record.number, in_force_from=record.in_force_from, now=deps.now(), names=names
    )
    if prefers_html(request.headers.get("accept", "")):
        headers = {"Content-Security-Policy": POLICY, "Vary": "Accept"}
        return HTMLResponse(DefinitionsTemplate().write(page), headers=headers)
    response.headers["Vary"] = "Accept"
    return page


async def warnings_of(deps: Dependencies, number: int) -> list[str]:
    """What is worth knowing of a revision just published."""
    found = await deps.playbooks.in_words(number)
    return [] if found is None else [*review_warnings(found[1], deps.now(), found[2])]


def prefers_html(accept: str) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) would rather have a page than JSON; JSON where it says neither."""
    weights = dict(map(_weight, accept.split(",")))
    html = weights.get(_HTML, weights.get("text/*", 0.0))
    return html > weights.get(_JSON, weights.get("application/*", 0.0)) and html > 0


def _weight(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return name, 0.0
