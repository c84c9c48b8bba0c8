"""Who calls and what they may do: bearer API keys with scopes.

A key found good is remembered for a few seconds under its hash, so that not every request costs a look-up. Wrong keys
are counted per client address; past the limit unknown keys are refused unseen, while keys known good still work, so
that one guesser behind a shared proxy locks nobody out.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from api.dependencies import Keys, Limits
from api.guesses import GuessLimit
from api.problems import Forbidden, TooManyFailures, Unauthenticated
from api.store_call import store_call
from storage.keys import KeyRecord, Scope

ACTOR_HEADER = "Leadloop-Actor"
_CHALLENGE = 'Bearer realm="leadloop"'
_MAX_SECRET = 256
MAX_ACTOR = 200
_MAX_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    key_id: str
    principal: str
    actor: str
    """Whom the request stands for: the principal, or the person named by a key that may act for others."""
    scopes: frozenset[Scope]
    sources: frozenset[str]
    """The event sources it may speak for; empty means all."""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


class Gate:
    """Turns a request into a caller, or refuses it. `seconds` is a monotonic clock."""

    def __init__(self, keys: Keys, limits: Limits, seconds: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._limits = limits
        self._seconds = seconds
        self._guesses = GuessLimit(limits.key_failures_per_minute, seconds)
        self._good: OrderedDict[bytes, tuple[float, KeyRecord]] = OrderedDict()

    async def admit(self, request: Request, scope: Scope) -> Caller:
        """The caller, who has `scope`. Raises `Unauthenticated`, `TooManyFailures`, `Forbidden`, `StoreAway`."""
        key = await self._key(_presented(request), request.client.host if request.client else "unknown")
        caller = Caller(key.key_id, key.principal, _actor(request, key), frozenset(key.scopes), frozenset(key.sources))
        if not caller.may(scope):
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
            raise Forbidden(
                f"This key lacks the scope {scope}.", headers={"WWW-Authenticate": challenge}, missing_scope=scope
            )
        return caller

    def forget(self) -> None:
        """Look every key up again: one has been revoked."""
        self._good.clear()

    async def _key(self, secret: str, address: str) -> KeyRecord:
        # a hash as the key of a dict: what its comparison takes tells nothing about the secret
        name = hashlib.sha256(secret.encode()).digest()
        known = self._good.get(name)
        if known and self._seconds() - known[0] < self._limits.key_memory_seconds:
            return known[1]
        wait = 0 if known else self._guesses.wait_seconds(address)
        if wait:
            raise TooManyFailures("Wait before you try another key.", headers={"Retry-After": str(wait)})
        async with store_call(self._limits.store_seconds):
            found = await self._keys.find(secret)
        if found is None:
            self._good.pop(name, None)
            self._guesses.failed(address)
            raise _unauthenticated("This API key is not known, or it was revoked.", error="invalid_token")
        self._good[name] = (self._seconds(), found)
        self._good.move_to_end(name)
        if len(self._good) > _MAX_REMEMBERED:
            self._good.popitem(last=False)
        return found


class Requires(SecurityBase):
    """A FastAPI dependency: the caller, who has `scope`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.model = HTTPBearer(description="An API key.")
        self.scheme_name = "ApiKey"

    async def __call__(self, request: Request) -> Caller:
        return await gate_of(request).admit(request, self.scope)


def install(app: FastAPI, gate: Gate) -> None:
    app.state.gate = gate


def gate_of(request: Request) -> Gate:
    found: Gate = request.app.state.gate
    return found


def _presented(request: Request) -> str:
    header = request.headers.get("authorization")
    if header is None:
        raise _unauthenticated("Send an API key: Authorization: Bearer <key>.")
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    if (
        scheme.lower() != "bearer"
        or not 0 < len(secret) <= _MAX_SECRET
        or not secret.isascii()
        or not secret.isprintable()
    ):
        raise _unauthenticated("The Authorization header is not of the form: Bearer <key>.", error="invalid_request")
    return secret


def _unauthenticated(detail: str, error: str | None = None) -> Unauthenticated:
    challenge = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    return Unauthenticated(detail, headers={"WWW-Authenticate": challenge})


def _actor(request: Request, key: KeyRecord) -> str:
    named = request.headers.get(ACTOR_HEADER)
    if named is None or named == key.principal:
        return key.principal
    if not key.may_act_for_others:
        raise Forbidden(f"This key may not act for others: leave {ACTOR_HEADER} out.")
    if not 0 < len(named) <= MAX_ACTOR or not named.isascii() or not named.isprintable():
        raise Forbidden(f"{ACTOR_HEADER} is a person's id: 1 to {MAX_ACTOR} printable ASCII characters.")
    return named
