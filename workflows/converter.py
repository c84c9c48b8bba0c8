"""How values and failures are written for Temporal: one data converter for clients, workers and replays.

Temporal keeps what it is given for months and shows it to everybody who may look at its pages. A failure therefore
leaves as kind and code, without message, stack or details: a driver's message quotes row values.
"""

import re

from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter, DefaultFailureConverter, PayloadConverter

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_HIDDEN = "withheld"
_LONGEST_CHAIN = 10


class CodesOnlyFailureConverter(DefaultFailureConverter):
    """Lets out what failed, by its kind and code, and its causes likewise."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Write the failure as usual, then take out whatever could hold a value."""
        super().to_failure(exception, payload_converter, failure)
        _strip(failure, _LONGEST_CHAIN)


def _strip(failure: Failure, links: int) -> None:
    kind = failure.WhichOneof("failure_info")
    failure.message = (kind or _HIDDEN).removesuffix("_failure_info")
    failure.stack_trace = ""
    failure.ClearField("encoded_attributes")
    if kind == "application_failure_info":
        info = failure.application_failure_info
        failure.message = info.type = info.type if _CODE.fullmatch(info.type) else _HIDDEN
        info.ClearField("details")
    elif kind == "timeout_failure_info":
        failure.timeout_failure_info.ClearField("last_heartbeat_details")
    elif kind == "canceled_failure_info":
        failure.canceled_failure_info.ClearField("details")
    if failure.HasField("cause"):
        if links > 1:
            _strip(failure.cause, links - 1)
        else:
            failure.ClearField("cause")


_JSON = PydanticPayloadConverter()


class SharedPayloadConverter(CompositePayloadConverter):
    """JSON through pydantic. Every life has a converter of its own; what each learns of our types all share."""

    def __init__(self) -> None:
        super().__init__(*_JSON.converters.values())


data_converter = DataConverter(
    payload_converter_class=SharedPayloadConverter, failure_converter_class=CodesOnlyFailureConverter
)
"""JSON through pydantic, failures as codes."""
