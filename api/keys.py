"""`/v1/keys`: who may use the API. A secret is shown once, when it is made."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Requires, gate_of
from api.dependencies import dependencies_of
from api.envelope import SourceUri
from api.problems import NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from storage.keys import KeyRecord, Scope

KeyId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_\-]+$")]
Principal = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]

router = APIRouter(
    prefix="/v1/keys", tags=["keys"], dependencies=[Depends(Requires(Scope.ADMIN))], route_class=StrictRoute
)


class Key(BaseModel):
    """A key, without its secret."""

    key_id: str
    principal: str = Field(description="Who uses it: the actor of what it does.")
    scopes: list[Scope]
    sources: list[str] = Field(description="The event sources it may speak for; empty means all.")
    may_act_for_others: bool = Field(description="Whether the header Leadloop-Actor may name another actor.")
    created_at: datetime
    revoked_at: datetime | None


class Keys(BaseModel):
    keys: list[Key]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    principal: Principal
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    sources: list[SourceUri] = Field(default_factory=list, max_length=50)
    may_act_for_others: StrictBool = False


class CreatedKey(BaseModel):
    key_id: str
    secret: str = Field(description="Shown this once; only its hash is kept.")


@router.get("")
async def list_keys(
    request: Request,
    after: Annotated[KeyId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Keys:
    """Keys in the order of their ids, revoked ones too."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.keys.list()
    later = sorted((key for key in found if after is None or key.key_id > after), key=lambda key: key.key_id)
    page = later[:limit]
    return Keys(keys=[_shown(key) for key in page], next=page[-1].key_id if len(later) > limit else None)


@router.post("", status_code=201)
async def create_key(request: Request, new: NewKey) -> CreatedKey:
    """Make a key. Its secret is in the answer and nowhere else."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        key_id, secret = await deps.keys.create(
            new.principal, frozenset(new.scopes), frozenset(new.sources), may_act_for_others=new.may_act_for_others
        )
    return CreatedKey(key_id=key_id, secret=secret)


@router.delete("/{key_id}", status_code=204, responses=responses(NotFound))
async def revoke_key(request: Request, key_id: KeyId) -> Response:
    """End a key, at once here and within seconds in other processes; revoking it again changes nothing."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        known = await deps.keys.revoke(key_id)
    gate_of(request).forget()
    if not known:
        raise NotFound("No key has this id; GET /v1/keys lists them.")
    return Response(status_code=204)


def _shown(key: KeyRecord) -> Key:
    return Key(
        key_id=key.key_id,
        principal=key.principal,
        scopes=sorted(key.scopes),
        sources=sorted(key.sources),
        may_act_for_others=key.may_act_for_others,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )
