"""`leadloop playbook definitions`: what the words mean here, to read in the terminal or as a page to print."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.plain_text import clean
from workers.settings import load_settings

DEFINITIONS = "/v1/playbook/definitions"
Revision = Annotated[int | None, typer.Argument(min=1, help="Which revision; the newest when left out.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page to print into this file.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def definitions(revision: Revision = None, html: Html = None, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Say what a lead, a qualified lead, a real touch and each stage mean, in words and by the playbook's rules."""
    from workers.api_client import call, text_of  # noqa: PLC0415  heavy

    settings, which = load_settings(), {"revision": revision} if revision else {}
    if html is None:
        found = call(settings, "GET", DEFINITIONS, params=which)
        typer.echo(json.dumps(found) if as_json else "\n".join(map(clean, _lines(found))))
        return
    page = text_of(settings, DEFINITIONS, params=which, headers={"Accept": "text/html"})
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CliError(f"{html} cannot be written: {error.strerror}") from None
    typer.echo(f"Written to {html}; open it in a browser to read or print it.")


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Revision {found['revision']} of the playbook."
    if found["review_by"]:
        sales, marketing = found["sales_owner"]["name"], found["marketing_owner"]["name"]
        yield f"{sales} answers for it in sales, {marketing} in marketing; to be reviewed by {found['review_by']}."
    else:
        yield "Nobody has written down yet what the words mean: the playbook has no definitions."
    yield from found["warnings"]
    for meaning in found["meanings"]:
        yield from ("", meaning["title"].upper())
        yield from (f"  {line}" for line in (meaning["words"] or "No words agreed.").splitlines())
        yield from (f"  · {rule}" for rule in meaning["rules"])
