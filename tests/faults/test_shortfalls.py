"""A trial in which less came about than was planned is no proof."""

from tests.faults.chaos import Suffered
from tests.faults.schedule import Fault, Kind, Lane
from tests.faults.sent import Asked, Commanded, Sent
from tests.faults.test_sent import BOTH, NEW
from tests.faults.trial import Plan, Report

KILL, CROWD = Fault(Kind.KILL, ("api",)), Fault(Kind.CROWD, (), 1.0)
PLAN = Plan(
    1, events=2, commands=1, seconds=1, lanes=(Lane((KILL,), (0.0,)), Lane((CROWD,), (0.0,))), quiet_within_seconds=1
)  # fmt: skip


def report(*struck: Fault, accepted: bool = True, granted: bool = True) -> Report:
    sent = Sent()
    sent.post(BOTH)
    if accepted:
        sent.note(BOTH, NEW, is_repeat=False)
    commanded = Commanded({"c": Asked("l", "accept", {"granted" if granted else "refused"})})
    return Report(PLAN, sent, commanded, [Suffered(fault, 0.0, 0.0) for fault in struck])


def test_a_trial_as_planned_falls_short_of_nothing() -> None:
    assert report(KILL, CROWD).shortfalls == []


def test_each_kind_of_fault_that_did_not_strike_is_named() -> None:
    assert report(KILL).shortfalls == ["no fill the connections came about"]
    assert report(CROWD).shortfalls == ["no kill -9 came about"]


def test_too_few_events_and_commands_are_named() -> None:
    assert report(KILL, CROWD, accepted=False, granted=False).shortfalls == [
        "only 0 events were accepted",
        "no command was granted",
    ]
    few = report(KILL, CROWD)
    del few.sent.posted["/s", "b"]
    assert few.shortfalls == ["1 events were posted, not 2"]
