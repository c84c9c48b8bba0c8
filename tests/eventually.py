"""Wait for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
_STEP_SECONDS = 0.02


@overload
async def eventually(condition: Callable[[], Awaitable[T]], within_seconds: float = 10.0) -> T: ...
@overload
async def eventually(condition: Callable[[], T], within_seconds: float = 10.0) -> T: ...
async def eventually(condition: Callable[[], Any], within_seconds: float = 10.0) -> Any:
    """Return the first truthy answer of `condition`, called again and again; it may be async.

    An AssertionError of the condition counts as "not yet". After `within_seconds` the last one is raised, or a
    TimeoutError that shows the last answer.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        failure: AssertionError | None = None
        answer: Any = None
        try:
            asked = condition()
            answer = await asked if inspect.isawaitable(asked) else asked
        except AssertionError as not_yet:
            failure = not_yet
        if failure is None and answer:
            return answer
        if time.monotonic() > deadline:
            raise failure or TimeoutError(f"not within {within_seconds} s; last answer: {answer!r}")
        await asyncio.sleep(_STEP_SECONDS)


def eventually_sync(condition: Callable[[], T], within_seconds: float = 10.0) -> T:
    """The same for tests without an event loop."""
    deadline = time.monotonic() + within_seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_seconds} s; last answer: {answer!r}")
        time.sleep(_STEP_SECONDS)
    return answer
