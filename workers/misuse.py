"""A command line that the parser refuses, in one line."""

from typing import Any

import typer

_LONGEST = 500


def usage(misuse: typer.TyperException) -> str:
    """What is wrong and where to read more; empty where the help has been shown already."""
    said = misuse.format_message().strip().replace("Value error, ", "")[:_LONGEST]
    context: Any = getattr(misuse, "ctx", None)
    if not said or context is None:
        return said
    return f"{said.rstrip('.')}; {context.command_path} --help says more"
