"""An answer that is not what a sender should get is noted, in whatever it differs."""

from typing import Any

import pytest

from tests.faults.sent import Sent

AT = "2026-05-04T12:00:00+00:00"


def event(name: str) -> dict[str, Any]:
    return {"source": "/s", "id": name, "subject": "lead-1", "type": "lead.reopened", "time": AT, "data": {}}


def told(name: str, *, sequence: int = 1, duplicate: bool = False) -> dict[str, Any]:
    return {"id": name, "lead_id": "l", "sequence": sequence, "duplicate": duplicate}


def answer(*events: dict[str, Any]) -> dict[str, Any]:
    doubled = sum(one["duplicate"] for one in events)
    return {"accepted": len(events) - doubled, "duplicates": doubled, "events": [*events]}


BOTH = [event("a"), event("b")]
NEW = answer(told("a"), told("b", sequence=2))
AGAIN = answer(told("a", duplicate=True), told("b", sequence=2, duplicate=True))


def test_a_request_taken_and_its_repeats_are_right() -> None:
    sent = Sent()
    sent.post(BOTH)
    sent.note(BOTH, NEW, is_repeat=False)
    sent.note(BOTH, AGAIN, is_repeat=True)
    assert sent.wrong == []
    assert sent.accepted == {("/s", "a"): ("l", 1), ("/s", "b"): ("l", 2)}
    assert sent.posted.keys() == sent.accepted.keys()


@pytest.mark.parametrize(
    ("answered", "is_repeat", "wrong"),
    [
        (answer(told("a")), False, "a request of ['a', 'b'] was answered with ['a']"),
        (answer(told("b", sequence=2), told("a")), False, "was answered with ['b', 'a']"),
        (answer(told("a"), told("b", sequence=2), told("c", sequence=3)), False, "was answered with ['a', 'b', 'c']"),
        (NEW | {"accepted": 1}, False, "was answered with wrong sums"),
        (NEW | {"duplicates": 1}, False, "was answered with wrong sums"),
        (NEW, True, "a was taken twice"),
    ],
)
def test_an_answer_that_is_not_of_its_request_is_wrong(answered: dict[str, Any], is_repeat: bool, wrong: str) -> None:  # noqa: FBT001
    sent = Sent()
    sent.note(BOTH, answered, is_repeat=is_repeat)
    assert any(wrong in one for one in sent.wrong)


def test_an_event_taken_twice_or_put_elsewhere_is_wrong() -> None:
    sent = Sent()
    sent.note(BOTH, NEW, is_repeat=False)
    sent.note(BOTH, answer(told("a"), told("b", sequence=3, duplicate=True)), is_repeat=False)
    assert sent.wrong == ["a was taken twice", "b was answered ('l', 3) after ('l', 2)"]
