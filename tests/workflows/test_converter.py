"""Failures leave as kinds and codes, whoever raised them."""

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError, CancelledError

from activities.failures import code_of, with_code
from activities.step import StepRequest, StepResult, StoreAway
from workflows.converter import data_converter

SECRET = "anna.karlsson@example.com"


def written(error: BaseException) -> Failure:
    failure = Failure()
    data_converter.failure_converter.to_failure(error, data_converter.payload_converter, failure)
    return failure


def chained() -> BaseException:
    """Raised from another while a third was handled, and so with a stack."""
    try:
        try:
            int(SECRET)
        except ValueError:
            raise LookupError(SECRET) from RuntimeError(SECRET)
    except LookupError as error:
        raised = error
    return raised


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError(SECRET), "ValueError"),
        (chained(), "LookupError"),
        (ApplicationError(SECRET, {"email": SECRET}, type="store_away"), "store_away"),
        (ApplicationError(SECRET, type=SECRET), "withheld"),
        (CancelledError(SECRET, SECRET), "canceled"),
    ],
)
def test_a_failure_is_a_kind_and_a_code(error: BaseException, code: str) -> None:
    failure = written(error)
    assert failure.message == code
    assert failure.stack_trace == ""
    assert SECRET.encode() not in failure.SerializeToString()
    assert "karlsson" not in str(failure)


def test_causes_are_kept_by_their_kind() -> None:
    assert written(chained()).cause.message == "RuntimeError"


def test_an_endless_chain_of_causes_is_cut() -> None:
    error: BaseException = ValueError(SECRET)
    for _ in range(30):
        outer = ValueError(SECRET)
        outer.__cause__, error = error, outer
    failure, links = written(error), 1
    while failure.HasField("cause"):
        failure, links = failure.cause, links + 1
    assert links == 10


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreAway(SECRET), "store_away"), (RuntimeError(SECRET), "step_failed"), (Exception(), "step_failed")],
)
def test_an_activity_lets_out_a_code(error: Exception, code: str) -> None:
    with pytest.raises(ApplicationError) as raised, with_code("step_failed"):
        raise error
    assert (raised.value.type, raised.value.message) == (code, code)


def test_only_what_looks_like_a_code_is_one() -> None:
    class OddError(Exception):
        code = SECRET

    assert code_of(OddError(), "otherwise") == "otherwise"


async def test_what_a_newer_build_adds_to_a_result_is_ignored() -> None:
    [payload] = await data_converter.encode([StepResult("follow_up", "assigned", None)])
    payload.data = payload.data.replace(b'{"phase"', b'{"mood":"new","phase"')
    [result] = await data_converter.decode([payload], [StepResult])
    assert result == StepResult("follow_up", "assigned", None)


async def test_what_an_older_build_left_out_has_its_default() -> None:
    [payload] = await data_converter.encode([{"lead_id": "l", "now": "2026-03-02T09:00:00Z"}])
    [request] = await data_converter.decode([payload], [StepRequest])
    assert request == StepRequest("l", "2026-03-02T09:00:00Z", None)
