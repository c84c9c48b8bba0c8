"""A preview as it is answered, for the OpenAPI document."""

from typing import Any

PREVIEW_EXAMPLE: dict[str, Any] = {}
