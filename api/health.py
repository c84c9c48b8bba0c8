"""Whether this process lives and can take events. Open to all, so it tells little and asks the database seldom."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Health
from api.strict_route import StrictRoute

_REMEMBERED_SECONDS = 1.0

router = APIRouter(tags=["operations"], route_class=StrictRoute)


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Temporal is shown but not needed: events are taken without it and wait for it."""

    ready: bool
    database: str
    temporal: str


class Doctor:
    """Asks at most once a second, however many want to know. `seconds` is a monotonic clock."""

    def __init__(self, health: Health, seconds: Callable[[], float] = time.monotonic) -> None:
        self._health = health
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._last: tuple[float, Readiness] | None = None

    async def look(self) -> Readiness:
        async with self._lock:
            if self._last is None or self._seconds() - self._last[0] >= _REMEMBERED_SECONDS:
                database, temporal = await asyncio.gather(self._health.database(), self._health.temporal())
                found = Readiness(ready=database == "ok", database=database, temporal=temporal)
                self._last = (self._seconds(), found)
            return self._last[1]


def install(app: FastAPI, doctor: Doctor) -> None:
    app.state.doctor = doctor


@router.get("/healthz")
async def healthz() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready: the database says why."}})
async def readyz(request: Request, response: Response) -> Readiness:
    """Whether events can be taken: the database answers and its migrations are current."""
    doctor: Doctor = request.app.state.doctor
    readiness = await doctor.look()
    if not readiness.ready:
        response.status_code = 503
    return readiness
