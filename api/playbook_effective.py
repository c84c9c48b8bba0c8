"""`/v1/playbook/effective`: the playbook as it holds for one team, each value with where it comes from."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.auth import Requires
from api.dependencies import dependencies_of
from api.playbook_matching import no_such_revision
from api.playbook_models import LAST_NUMBER
from api.problems import NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.playbook_effective import Origin, Value
from leads.roster import RosterId
from leads.telling.changes import line_of_value
from storage.keys import Scope
from storage.playbook_store import NoSuchRevisionError, NoSuchTeamError

router = APIRouter(
    prefix="/v1/playbook",
    tags=["playbook"],
    dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))],
    route_class=StrictRoute,
)


class EffectiveValue(BaseModel):
    path: str = Field(
        description="As `segments.hot.promises.first_touch.target`; under `team` what is the team's alone."
    )
    value: Any
    origin: Origin = Field(
        description="revision: said to all teams; team: said of this one; default: it goes without saying."
    )
    of_all: Any = Field(description="With origin `team`: what holds for teams that say nothing of their own.")
    text: str = Field(description="The value in one line, for people.")


class EffectivePlaybook(BaseModel):
    """A revision as it holds for one team, its overrides applied."""

    team: str
    name: str
    revision: int
    values: list[EffectiveValue] = Field(description="In the document's order, the team's own first.")


@router.get("/effective", responses=responses(NotFound))
async def show_effective(
    request: Request,
    team: Annotated[RosterId, Query(description="A team of the roster.")],
    revision: Annotated[int | None, Query(ge=1, le=LAST_NUMBER, description="The newest when left out.")] = None,
) -> EffectivePlaybook:
    """What holds for a team, each value with its origin: the revision, the team's own say, or a default."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            found = await deps.playbooks.effective(team, revision)
    except NoSuchTeamError:
        raise NotFound("The roster has no such team; GET /v1/roster/teams lists them.") from None
    except NoSuchRevisionError:
        raise no_such_revision() from None
    return EffectivePlaybook(
        team=found.team, name=found.name, revision=found.revision, values=[_view(value) for value in found.values]
    )


def _view(value: Value) -> EffectiveValue:
    return EffectiveValue(
        path=".".join(value.path), value=value.value, origin=value.origin, of_all=value.of_all,
        text=line_of_value(value.path, value.value),
    )  # fmt: skip
