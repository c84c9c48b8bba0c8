"""`/v1/reports`: numbers for people who decide."""

import re
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request

from api.auth import Requires
from api.dependencies import dependencies_of
from api.leads import NoPlaybook, no_playbook
from api.problems import NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.playbook_teams import NoticeMode
from leads.revisions import NoPlaybookError
from leads.roster import RosterId
from storage.keys import Scope
from storage.playbook_store import NoSuchTeamError
from storage.shadow_report import Spared

router = APIRouter(
    prefix="/v1/reports", tags=["reports"], dependencies=[Depends(Requires(Scope.LEADS_READ))], route_class=StrictRoute
)


def _day(written: object) -> object:
    # pydantic would take a number of seconds too
    if not isinstance(written, str) or not _DAY.fullmatch(written):
        raise ValueError("a day is written as 2026-05-04")
    return written


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
Day = Annotated[date, BeforeValidator(_day)]


class SparedNoticesView(BaseModel):
    """Notices of one kind that people in one role would have heard."""

    model_config = ConfigDict(from_attributes=True)

    mode: NoticeMode = Field(description="The mode that kept them in.")
    role: str = Field(description="owner, deputy, manager, team, team_manager or channel.")
    template: str = Field(description="What they would have said: assigned, warning, breach, escalation, …")
    clock: str | None = Field(description="The promise they speak of; null: of none.")
    rung: str | None = Field(description="The rung of its ladder; null: of none.")
    count: int = Field(description="One for each who would have heard, before digests.")


class BrokenPromises(BaseModel):
    clock: str
    count: int


class SparedWeek(BaseModel):
    week: date = Field(description="The Monday it starts on, in the report's zone.")
    notices: list[SparedNoticesView]
    breaches: list[BrokenPromises] = Field(description="Promises broken, as the books have them today.")
    given_out: int = Field(description="Leads that would have been given to somebody.")
    as_the_crm: int = Field(description="Of them, those that are now with the same person.")
    reassigned: int = Field(description="Leads that a ladder would have given to somebody else.")
    back_to_queue: int = Field(description="Leads that a ladder would have put back into the queue.")


class ShadowReportView(BaseModel):
    """What a team was spared while it was told less than all."""

    model_config = ConfigDict(from_attributes=True)

    team: str
    name: str
    mode: NoticeMode = Field(description="How much the team is told now.")
    since: datetime
    until: datetime
    timezone: str
    weeks: list[SparedWeek] = Field(description="Those in which there was anything, the earliest first.")


@router.get("/shadow", responses=responses(NotFound, NoPlaybook))
async def report_shadow(
    request: Request,
    team: Annotated[RosterId, Query(description="A team of the roster.")],
    since: Annotated[Day, Query(description="The first day, in the zone of the team's calendar; 400 days at most.")],
) -> ShadowReportView:
    """What would have been told and moved, and what was broken, while a team stood in shadow or told owners only."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            found = await deps.reports.report(team, since, deps.now())
    except NoSuchTeamError:
        raise NotFound("The roster has no such team; GET /v1/roster/teams lists them.") from None
    except NoPlaybookError:
        raise no_playbook() from None
    return ShadowReportView(
        team=found.team, name=found.name, mode=found.mode, since=found.since, until=found.until,
        timezone=found.timezone, weeks=[_week(week) for week in found.weeks],
    )  # fmt: skip


def _week(week: Spared) -> SparedWeek:
    return SparedWeek(
        week=week.week,
        notices=[SparedNoticesView.model_validate(notices) for notices in week.notices],
        breaches=[BrokenPromises(clock=clock, count=count) for clock, count in week.breaches],
        given_out=week.given_out,
        as_the_crm=week.as_the_crm,
        reassigned=week.reassigned,
        back_to_queue=week.back_to_queue,
    )
