"""Text as a terminal may show it: nothing a stranger wrote steers it, hides in it, or breaks a line."""

import unicodedata
from typing import Any


def clean(text: Any) -> str:
    """One line of visible characters."""
    return "".join(" " if sign.isspace() else sign for sign in str(text) if sign.isspace() or _is_visible(sign))


def _is_visible(sign: str) -> bool:
    return not unicodedata.category(sign).startswith("C")
