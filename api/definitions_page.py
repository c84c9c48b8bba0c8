"""What the words mean here, as a page to read and to print."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from leads.telling.definitions import DefinitionsPage

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem } .of, footer { color: #5a6675 }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2rem; border-top: 1px solid #d5dbe3; padding-top: .5rem }
.words p { margin: 0; white-space: pre-line; overflow-wrap: anywhere } .none { color: #8a94a3; font-style: italic }
.rules { margin: 0; padding-left: 1.1rem; color: #38434f; overflow-wrap: anywhere }
.warning { border-left: 4px solid #c2410c; background: #fff4ed; padding: .5rem .8rem }
footer { margin-top: 2rem; font-size: .9rem }
@media (max-width: 44rem) { .pair { grid-template-columns: 1fr; gap: .6rem } }
@media print {
  body { font-size: 10.5pt; max-width: none; margin: 0 } section { break-inside: avoid } h2 { break-after: avoid }
}
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The page loads nothing and runs nothing; this style alone is its own."""
_FOLDER = Path(__file__).parent / "templates"


class DefinitionsTemplate:
    """Writes the page. What people wrote is escaped, whatever it holds."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip

    def write(self, page: DefinitionsPage) -> str:
        """A whole HTML document."""
        return self._templates.get_template("definitions.html").render(page=page, style=_STYLE)
