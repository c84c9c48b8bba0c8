"""What may leave an activity when it fails: a code. A driver's message quotes row values, and Temporal keeps it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError, CancelledError

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")


def code_of(error: BaseException, otherwise: str) -> str:
    """The error's own `code` where it has one that looks like a code, else `otherwise`."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and _CODE.fullmatch(code) else otherwise


@contextmanager
def with_code(otherwise: str) -> Iterator[None]:
    """Turn any error into an `ApplicationError` that carries its code, or `otherwise`, as type and message.

    The cause stays attached for the worker's own log; the failure converter leaves it out of what is sent.
    """
    try:
        yield
    except (ApplicationError, CancelledError):
        raise
    except Exception as error:
        code = code_of(error, otherwise)
        raise ApplicationError(code, type=code) from error
