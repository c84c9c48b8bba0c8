"""`leadloop sla calc`: the calendar arithmetic by itself, JSON lines in, JSON lines out."""

import codecs
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn, TextIO

import typer

from leads.calendar import Calendar, CalendarError, parse_calendar
from leads.sla_calc import Answer, calculate, error
from storage.holidays import expand_holidays
from storage.plain_yaml import load_yaml
from workers.plain_text import clean
from workers.standard_input import NoInputError, standard_input

MAX_LINE_BYTES = 1_048_576
MAX_FILE_BYTES = 1_048_576
USAGE = 2

sla_app = typer.Typer(name="sla", help="Deadlines and working time.", no_args_is_help=True)


class CalendarFileError(Exception):
    """A --calendar file that cannot be used; the text is one line that says why."""


@sla_app.callback()
def sla() -> None:
    """Deadlines and working time."""


@sla_app.command()
def calc(
    calendar: Annotated[
        Path | None,
        typer.Option(help="JSON or YAML calendar for lines without one.", metavar="FILE", show_default=False),
    ] = None,
) -> None:
    """Try out calendar arithmetic: one JSON request a line in, one JSON answer a line out.

    \b
    {"op":"due","start":T,"target":"PT2H","pauses":[[T,T],…]}  gives  T
    {"op":"elapsed","from":T,"to":T,"pauses":[[T,T],…]}        gives  seconds
    {"op":"is_open","at":T}                                    gives  true, false
    {"op":"next_open","at":T}                                  gives  T
    {"op":"next_close","at":T}                                 gives  T
    {"op":"validate"}                                          gives  true

    Each may bring a "calendar"; --calendar serves those without. For example:

    \b
    {"timezone":"Europe/Berlin",
     "weekly":{"mon":[["09:00","12:30"],["13:30","17:00"]]},
     "date_overrides":{"2026-12-24":[["09:00","12:00"]]},
     "breaks":{"2026-05-04":[["10:00","11:00"]]},
     "holidays":["2026-12-25",{"country":"DE","subdivision":"BY"}]}

    T is RFC 3339, in answers with the offset of the calendar's zone. The answer is {"result":…} or
    {"error":{"code":…,"message":…}}; a refused line stops nothing, an empty one is passed over.
    """  # noqa: D301 (Click's own mark for text it is not to wrap)
    try:
        default = None if calendar is None else read_calendar(calendar, datetime.now(UTC).year)
        requests = standard_input()
    except (CalendarFileError, NoInputError) as refused:
        typer.echo(f"leadloop: {clean(refused)}", err=True)
        raise typer.Exit(USAGE) from None
    if requests.isatty():
        typer.echo("Reading JSON requests, one a line; Ctrl-D ends.", err=True)
    try:
        answer_lines(requests, sys.stdout, default)
    except BrokenPipeError:
        # The reader has gone (`| head`); nothing is left to say, also not at the interpreter's last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def read_calendar(path: Path, year: int) -> Calendar:
    """The calendar in a JSON or YAML file, its holidays tried out for a year. Raises CalendarFileError."""
    try:
        calendar = parse_calendar(_read_document(path))
        if not calendar.is_expanded:
            expand_holidays(calendar, year, year)  # so that a wrong country is said now, not once a line
    except CalendarError as refused:
        raise CalendarFileError(f"{path}: {refused.message}") from None
    return calendar


def _read_document(path: Path) -> object:
    is_json = path.suffix == ".json"
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise CalendarFileError(f"{path} is larger than {MAX_FILE_BYTES:,} bytes")
        text = content.decode("utf-8-sig")
        return _json(text) if is_json else load_yaml(text, aliases=True)
    except OSError as failed:
        raise CalendarFileError(f"cannot read {path}: {failed.strerror}") from None
    except (ValueError, RecursionError) as failed:
        reason = " ".join(str(failed).split())[:200]
        raise CalendarFileError(f"cannot read {path} as {'JSON' if is_json else 'YAML'}: {reason}") from None


def answer_lines(requests: BinaryIO, answers: TextIO, default: Calendar | None) -> None:
    """Answer each line that is not empty, at once, so that a program may wait for it."""
    for line in _lines(requests):
        answers.write(json.dumps(_answer(line, default)) + "\n")
        answers.flush()


def _answer(line: bytes | None, default: Calendar | None) -> Answer:
    if line is None:
        return error("bad_request", f"a line is at most {MAX_LINE_BYTES:,} bytes long")
    try:
        request = _json(line.decode())
    except UnicodeDecodeError:
        return error("bad_json", "the line is not UTF-8")
    except RecursionError:
        return error("bad_json", "the line is nested too deeply")
    except ValueError as failed:
        return error("bad_json", f"the line is not JSON: {str(failed)[:200]}")
    return calculate(request, default, expand=expand_holidays, now=datetime.now(UTC))


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines that are not empty, stripped; None for one that is too long."""
    first = True
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield None
        elif stripped := (line.removeprefix(codecs.BOM_UTF8) if first else line).strip():
            yield stripped
        first = False


def _json(text: str) -> Any:
    """Strict JSON: no NaN, no key twice. Raises ValueError, RecursionError."""
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {str(twice)[:40]!r} stands there twice")
    return result
