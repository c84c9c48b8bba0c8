"""Ask a server on this machine over plain HTTP, past any proxy setting."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

_ANSWER_LIMIT_BYTES = 1024 * 1024


def get_json(url: str, *, timeout_seconds: float = 2.0) -> Any:
    """The JSON a URL answers with status 200; None for any other answer, or none at all."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_seconds)
    try:
        connection.request("GET", parts.path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(_ANSWER_LIMIT_BYTES)
        return json.loads(body) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def answers_ok(url: str, *, timeout_seconds: float = 2.0) -> bool:
    """Whether a URL answers with status 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_seconds)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
