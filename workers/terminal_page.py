"""A page of plain sentences on a terminal: headings, indents, colours; one line each when piped."""

import textwrap
from typing import Any

from rich.console import Console
from rich.text import Text

from workers.plain_text import clean

_WIDEST = 110
"""Sentences wider than this are hard to read."""
_NARROWEST = 30
"""In less room a terminal wraps better by itself."""


class Page:
    """Writes to standard output. Nothing written is read as markup."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        if self._console.is_terminal:
            self._console.width = min(self._console.width, _WIDEST)

    def line(self, text: str = "", *, indent: int = 0, mark: str = "", style: str = "") -> None:
        """A sentence; `mark` stands before it, and what wraps stays under the sentence."""
        text, lead = clean(text), " " * indent + (f"{mark} " if mark else "")
        width = self._console.width - len(lead)
        wraps = self._console.is_terminal and width >= _NARROWEST
        for part in (textwrap.wrap(text, width) if wraps else [text]) or [""]:
            self._console.print(Text.assemble(lead, (part, style)), soft_wrap=True)
            lead = " " * len(lead)

    def heading(self, text: str) -> None:
        self.line()
        self.line(text.upper(), style="bold")

    def pairs(self, pairs: list[tuple[str, Any]], indent: int = 2) -> None:
        """Names and values in two columns; what is not known is left out."""
        known = [(name, value) for name, value in pairs if value not in (None, "")]
        width = max((len(name) for name, _ in known), default=0)
        for name, value in known:
            self.line(f"{name:<{width}}  {clean(value)}", indent=indent)
