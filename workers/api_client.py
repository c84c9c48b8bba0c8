"""The way to a running Leadloop for commands: its API, with this machine's key."""

from collections.abc import Mapping
from typing import Any

import httpx2

from leads.faults import LocatedFault
from workers import endpoints
from workers.errors import CliError
from workers.settings import Settings

TIMEOUT_SECONDS = 30.0
_MAX_FAULTS = 20


class ApiAwayError(CliError):
    """No API answers where it should."""


class NoTextError(CliError):
    """What was typed in are bytes that no request can hold."""


class ApiRefusedError(CliError):
    """The API answered with a refusal; the message is the API's own, with every fault it listed.

    `problem` is the whole document, empty when there was none.
    """

    def __init__(self, message: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.problem = problem or {}


def client_arguments(settings: Settings) -> dict[str, Any]:
    """Arguments for `httpx2.Client` and `AsyncClient` alike. Raises `SettingsError` when there is no key."""
    key = endpoints.machine_key_file(settings).read_text(encoding="ascii").strip()
    return {
        "base_url": endpoints.api_url(settings),
        "headers": {"Authorization": f"Bearer {key}"},
        "timeout": TIMEOUT_SECONDS,
        # the API is this machine's own, or one named by a setting: no proxy of the environment stands between
        "trust_env": False,
    }


def call(settings: Settings, method: str, path: str, **arguments: Any) -> Any:
    """One request; its JSON. Raises `ApiAwayError`, `ApiRefusedError` and `NoTextError`."""
    return checked(_asked(settings, method, path, **arguments))


def text_of(settings: Settings, path: str, **arguments: Any) -> str:
    """What a GET answers, where that is no JSON. Raises as `call`."""
    answer = _asked(settings, "GET", path, **arguments)
    return answer.text if answer.is_success else str(checked(answer))


def _asked(settings: Settings, method: str, path: str, **arguments: Any) -> httpx2.Response:
    with httpx2.Client(**client_arguments(settings)) as client:
        try:
            return client.request(method, path, **arguments)
        except httpx2.TransportError:
            raise away(settings) from None
        except UnicodeEncodeError:
            raise NoTextError("An argument is not UTF-8 text: write it in a terminal that speaks UTF-8") from None


def away(settings: Settings) -> ApiAwayError:
    return ApiAwayError(f"No Leadloop answers at {endpoints.api_url(settings)}; start one with leadloop up")


def checked(answer: httpx2.Response) -> Any:
    """The answer's JSON, None where it has no content. Raises `ApiRefusedError` unless it is a success."""
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        problem = answer.json()
        words = [str(problem["title"]), str(problem["detail"])]
        faults = _first(fault_lines(problem))
        faults += overtaken_lines(problem)
        faults += [_place(error) for error in problem.get("errors", [])[:_MAX_FAULTS]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ApiRefusedError(f"The API answered {answer.status_code} without saying why") from None
    raise ApiRefusedError("; ".join(faults) if faults else ": ".join(words), problem)


def fault_lines(document: Mapping[str, Any]) -> list[str]:
    """A line for each fault of a playbook that the API has told of. Raises KeyError and TypeError on anything else."""
    faults = [LocatedFault(fault["line"], fault["path"], fault["reason"]) for fault in document.get("faults", [])]
    return [*map(str, faults), *((f"and {document['more']:,} more",) if document.get("more") else ())]


def change_lines(diff: Mapping[str, Any]) -> list[str]:
    """A line for each change between two playbooks."""
    more = (f"and {diff['more']:,} more",) if diff.get("more") else ()
    return [*(str(change["text"]) for change in diff["changes"]), *more]


def overtaken_lines(problem: Mapping[str, Any]) -> list[str]:
    """Who has published meanwhile, and what changed since; empty of any other refusal."""
    if "newest" not in problem:
        return []
    whose = ", ".join(
        f"revision {r['number']} by {r['author']} ({r['comment']})" for r in reversed(problem["revisions"])
    )
    lines = [f"Published meanwhile: {whose or 'nothing'}; the newest is revision {problem['newest']}"]
    return lines + (_first(change_lines(problem["diff"])) if problem["diff"] else [])


def _first(lines: list[str]) -> list[str]:
    """What fits into one refusal."""
    more = len(lines) - _MAX_FAULTS
    return [*lines[:_MAX_FAULTS], f"and {more:,} more lines"] if more > 0 else lines


def _place(error: Mapping[str, Any]) -> str:
    """Where something does not fit, and why."""
    return ": ".join(part for part in (str(error["pointer"]).strip("/"), str(error["detail"])) if part)
