"""Logs of every process: one line per event on stderr, as JSON or for the eye, free of personal data.

structlog renders all of them: our own, the standard library's, Temporal's. Ids, codes, counts and instants may be
logged; what an error says may not (see `scrub`).
"""

import logging
import sys
import threading
from copy import copy
from typing import IO, TYPE_CHECKING, Any, Literal

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from workers.plain_text import clean
from workers.scrub import EventDict, scrub, without_errors

if TYPE_CHECKING:
    from temporalio.runtime import LoggingConfig

LogFormat = Literal["json", "console"]
_NOISY = {
    "uvicorn.access": logging.WARNING,  # lines with addresses and query strings
    "httpx2": logging.WARNING,
    "aiosmtplib": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,  # statements with their values
}
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


def configure_logs(log_format: LogFormat | None = None, *, level: str = "info", stream: IO[str] | None = None) -> None:
    """Render all logs of this process to `stream` (stderr), replacing what was configured before.

    Without a format: for the eye on a terminal, JSON elsewhere. Errors nobody caught are logged too, scrubbed.
    """
    target = stream or sys.stderr
    console = log_format == "console" or (log_format is None and target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(console=console, colors=console and target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(True)  # noqa: FBT003  the standard library's own switch
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    _log_uncaught()


def quiet_temporal_logs() -> None:
    """Keep the SDK from repeating a workflow's or an activity's details in each message: they are fields already."""
    from temporalio import activity, workflow  # noqa: PLC0415  only processes that use the SDK pay for it

    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False


def temporal_core_logging() -> "LoggingConfig":
    """Telemetry's logging part: the SDK's native half writes through our renderer instead of past it.

    Its fields can hold failures as they were sent, so they are left out.
    """
    from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter  # noqa: PLC0415  as above

    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"), append_target_to_name=False, append_log_fields_to_message=False
    )
    return LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)


class _ScrubbingFormatter(ProcessorFormatter):
    """Takes errors out of a record's arguments before the standard library turns them into text."""

    def format(self, record: logging.LogRecord) -> str:
        if record.args:
            record = copy(record)
            record.args = without_errors(record.args)
        return super().format(record)


def _formatter(*, console: bool, colors: bool) -> logging.Formatter:
    last: list[Processor] = [structlog.processors.JSONRenderer(ensure_ascii=True)]
    if console:
        last = [_error_in_one_line, _visible, structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="at")]
    return _ScrubbingFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
        processors=[ProcessorFormatter.remove_processors_meta, scrub, *last],
    )


def _error_in_one_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """For the eye: class, code, and the place it was raised."""
    error = event.get("error")
    if isinstance(error, dict):
        parts = [error["type"], error.get("code"), error.get("message"), *(["at", *error["frames"][-1:]])]
        event["error"] = " ".join(str(part) for part in parts if part is not None)
    return event


def _visible(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """For the eye: no value begins a line of its own or steers the terminal."""
    return {key: clean(value) if isinstance(value, str) else value for key, value in event.items()}


def _log_uncaught() -> None:
    """Errors that nobody caught go through the renderer; Python's own hooks would print their messages."""
    logger = logging.getLogger("leadloop.uncaught")

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            logger.error("a thread ended with an error", exc_info=args.exc_value)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            logger.error("an error could not be raised", exc_info=args.exc_value)

    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    sys.excepthook = lambda _kind, error, _trace: logger.critical("the process ends with an error", exc_info=error)
