"""Whatever fails, however it is logged: what an error says about a person never reaches the output."""

import io
import json
import logging
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import psycopg
import pytest
import structlog
from structlog.typing import WrappedLogger

from tests.hostile.corpus import STRINGS
from workers.logs import LogFormat, configure_logs, temporal_core_logging

EMAIL = "anna.huber@example.com"
DETAIL = f"Key (email)=({EMAIL}) already exists."


class DriverError(Exception):
    """Like a driver's: the message quotes the row, a code says what it was."""

    sqlstate = "23505"


class RefusedError(Exception):
    """One of ours that vouches for its message."""

    safe_message: ClassVar[bool] = True


class Row:
    def __repr__(self) -> str:
        return f"Row(email={EMAIL!r}, name='Anna Huber')"


def driver_error() -> DriverError:
    try:
        raise DriverError(f'duplicate key value violates unique constraint "people_email"\nDETAIL:  {DETAIL}')  # noqa: TRY301  a traceback is wanted
    except DriverError as error:
        return error


def logged(write: Callable[[], object], log_format: LogFormat = "json") -> str:
    stream = io.StringIO()
    configure_logs(log_format, stream=stream)
    write()
    return stream.getvalue()


def raised(write: Callable[[Exception], object]) -> None:
    """Log from where the error is being handled."""
    try:
        raise driver_error()
    except DriverError as error:
        write(error)


def chained(write: Callable[[Exception], object]) -> None:
    try:
        try:
            raise driver_error()
        except DriverError as cause:
            raise RuntimeError(f"storing {EMAIL} failed") from cause
    except RuntimeError as error:
        write(error)


STDLIB = logging.getLogger("some.library")
ACTIVITY = logging.getLogger("temporalio.activity")
WAYS: dict[str, Callable[[], object]] = {
    "structlog exception": lambda: raised(lambda _error: structlog.get_logger().exception("step failed")),
    "structlog exc_info": lambda: structlog.get_logger().error("step failed", exc_info=driver_error()),
    "structlog value": lambda: structlog.get_logger().error("step failed", reason=driver_error()),
    "structlog object": lambda: structlog.get_logger().error("step failed", row=Row(), rows=[{"row": Row()}]),
    "stdlib exception": lambda: raised(lambda _error: STDLIB.exception("step failed")),
    "stdlib exc_info": lambda: STDLIB.warning("step failed", exc_info=driver_error()),
    "stdlib argument": lambda: STDLIB.warning("step failed: %s", driver_error()),
    "stdlib named argument": lambda: STDLIB.warning("step failed: %(why)s", {"why": driver_error()}),
    "stdlib argument as text": lambda: STDLIB.warning("step failed: %s", str(driver_error())),
    "stdlib extra": lambda: STDLIB.warning("step failed", extra={"why": driver_error(), "detail": DETAIL}),
    "stdlib stack": lambda: STDLIB.warning("step failed", stack_info=True),
    "temporal completing": lambda: raised(
        lambda _error: ACTIVITY.warning("Completing activity as failed", exc_info=True)
    ),
    "temporal formats it in": lambda: raised(
        lambda error: ACTIVITY.warning(f"Completing as failure with error of type {type(error)}: {error}")
    ),
    "formats it in after the fact": lambda: STDLIB.error(f"step failed: {driver_error()}"),
    "asyncio formats its repr in": lambda: STDLIB.error(f"future: <Task exception={driver_error()!r}>"),
    "cause behind it": lambda: chained(lambda error: STDLIB.exception(f"step failed: {error}")),
    "a real driver error": lambda: STDLIB.error("step failed", exc_info=psycopg.errors.UniqueViolation(DETAIL)),
    "phone": lambda: STDLIB.error("can't reach +49 (151) 1234-5678 of anna.huber@example.com"),
}


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_logging_an_error_lets_its_words_out(way: str, log_format: LogFormat) -> None:
    line = logged(WAYS[way], log_format)
    assert "step failed" in line or "Completing" in line or "future" in line or "reach" in line
    for personal in (EMAIL, "anna", "Huber", "example.com", "1234"):
        assert personal not in line


@pytest.mark.usefixtures("logging_restored")
def test_a_line_is_json_with_class_code_and_frames_of_the_error() -> None:
    line = json.loads(logged(lambda: STDLIB.error("step failed", exc_info=driver_error(), extra={"lead_id": "L1"})))
    assert (line["event"], line["level"], line["logger"], line["lead_id"]) == (
        "step failed",
        "error",
        "some.library",
        "L1",
    )
    assert line["error"]["type"].endswith("DriverError")
    assert line["error"]["code"] == "23505"
    assert [frame.split(":")[0] for frame in line["error"]["frames"]] == ["tests/workers/test_logs.py"]
    assert "raise" not in str(line)


@pytest.mark.usefixtures("logging_restored")
def test_an_error_that_vouches_for_its_message_keeps_it_and_its_cause_does_not() -> None:
    def write() -> None:
        try:
            raise RefusedError("the lead is closed") from driver_error()  # noqa: TRY301  a traceback is wanted
        except RefusedError:
            STDLIB.exception("command refused")

    error: dict[str, Any] = json.loads(logged(write))["error"]
    assert error["message"] == "the lead is closed"
    assert [cause.get("message") for cause in error["causes"]] == [None]


@pytest.mark.usefixtures("logging_restored")
def test_ids_counts_and_instants_pass_untouched() -> None:
    def write() -> None:
        log: WrappedLogger = structlog.get_logger("leadloop.step")
        log.info("step taken", lead_id="0192f0c1-7d0e-7000-8000-000000000001", events=3, at_rung="50%", late=None)

    line = json.loads(logged(write))
    assert (line["lead_id"], line["events"], line["late"]) == ("0192f0c1-7d0e-7000-8000-000000000001", 3, None)


@pytest.mark.usefixtures("logging_restored")
def test_a_thread_that_dies_is_logged_scrubbed() -> None:
    def die() -> None:
        raise DriverError(DETAIL)

    def write() -> None:
        thread = threading.Thread(target=die)
        thread.start()
        thread.join()

    line = logged(write)
    assert EMAIL not in line
    assert json.loads(line)["error"]["code"] == "23505"


@pytest.mark.usefixtures("logging_restored")
def test_the_sdk_s_native_half_writes_through_our_renderer() -> None:
    forwarding = temporal_core_logging().forwarding
    assert forwarding is not None
    assert forwarding.logger.name == "temporalio.core"
    assert not forwarding.append_log_fields_to_message


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_no_value_begins_a_line_steers_a_terminal_or_loses_its_line(text: str) -> None:
    def write() -> None:
        structlog.get_logger("leadloop.step").warning("event", value=text)
        logging.getLogger("other").warning("text %s", text)

    in_json, for_the_eye = logged(write), logged(write, "console")
    for written in (in_json, for_the_eye):
        assert len(written.splitlines()) == 2
        assert written.replace("\n", "").isprintable()
        written.encode()
    assert [json.loads(line)["level"] for line in in_json.splitlines()] == ["warning", "warning"]
