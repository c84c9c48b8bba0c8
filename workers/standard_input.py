"""What is piped in, where whoever started us left anything open to read."""

import sys
from typing import BinaryIO

from workers.errors import CliError


class NoInputError(CliError):
    """Standard input is closed."""


def standard_input() -> BinaryIO:
    """Standard input as bytes. Raises `NoInputError`."""
    if sys.stdin is None:
        raise NoInputError("standard input is closed: pipe in what is to be read")
    return sys.stdin.buffer
