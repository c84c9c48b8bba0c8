"""`/v1/accounts`: companies as other systems know them, folded from `account.updated`, with their leads."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.auth import Requires
from api.dependencies import dependencies_of
from api.leads import Subject
from api.problems import NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.companies import domain_of
from storage.keys import Scope

router = APIRouter(
    prefix="/v1/accounts",
    tags=["accounts"],
    dependencies=[Depends(Requires(Scope.LEADS_READ))],
    route_class=StrictRoute,
)


class AccountView(BaseModel):
    """The latest word on each field stands."""

    model_config = ConfigDict(from_attributes=True)

    account_id: UUID
    system: str = Field(description="Whose key it is; `default` for a sender that names none.")
    key: str = Field(description="What its sender calls it: the subject of its events.")
    name: str | None
    domains: list[str]
    free_mail: list[str] = Field(description="Of the domains those of mail providers, by which no lead is recognised.")
    owner: str | None
    type: str | None
    named: bool = Field(description="Whether it is on somebody's list of target accounts.")
    open_opportunity_owner: str | None
    changed_at: datetime


class AccountDetail(AccountView):
    leads: list[UUID] = Field(description="The newest that go by a key of its, at most fifty.")


class AccountPage(BaseModel):
    accounts: list[AccountView] = Field(description="The newest first.")
    next: UUID | None = Field(description="`after` of the next page; null on the last.")


class AccountQuery(BaseModel):
    """What a list of accounts is asked for. All that is named must hold."""

    model_config = ConfigDict(extra="forbid")

    key: Subject | None = Field(default=None, description="What a sender calls it.")
    domain: Subject | None = Field(default=None, description="As acme.com; what stands around it in a link is ignored.")
    after: UUID | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


@router.get("")
async def list_accounts(request: Request, query: Annotated[AccountQuery, Query()]) -> AccountPage:
    """Accounts, the newest first; those of a key or of a domain."""
    deps, domain = dependencies_of(request), domain_of(query.domain) if query.domain else None
    if query.domain and domain is None:
        fault = {"type": "bad_domain", "loc": ("query", "domain"), "msg": "is a domain, as acme.com"}
        raise RequestValidationError([fault])
    async with store_call(deps.limits.store_seconds):
        found = await deps.accounts.list(key=query.key, domain=domain, after=query.after, limit=query.limit + 1)
    page = found[: query.limit]
    following = page[-1].account_id if len(found) > query.limit else None
    return AccountPage(accounts=[AccountView.model_validate(record) for record in page], next=following)


@router.get("/{account_id}", responses=responses(NotFound))
async def show_account(
    request: Request, account_id: Annotated[UUID, Path(description="The account's id, as lists have it.")]
) -> AccountDetail:
    """One account, with the newest of its leads."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.accounts.get(account_id)
    if found is None:
        raise NotFound("There is no account of this id: /v1/accounts?key=… finds it by its sender's key.")
    return AccountDetail.model_validate(found)
