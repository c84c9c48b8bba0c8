"""What a team may not override: what is not allowed, what promises less, what goes beyond the bounds."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.playbook_check import check
from leads.playbook_names import Known
from leads.playbook_overrides import override_faults
from tests.leads.test_playbook import Document, document

ROSTER = Known(teams=frozenset({"sales", "closers", "partners"}), people=frozenset())
DEFAULT = document()
HOT, NORMAL = 1, 4
"""Places of the segments in the default playbook."""
OF_HOT = "segments.1.promises.first_touch"


def overriding(
    override: Any, *, allowed: Any = True, clock: str = "first_touch", segment: int = HOT
) -> Callable[[Document], Any]:
    """Sales overrides a promise of a segment, which allows it so far."""

    def change(d: Document) -> None:
        d["segments"][segment]["promises"][clock]["overridable"] = allowed
        d["teams"] = {"sales": {"overrides": {"segments": {d["segments"][segment]["name"]: {clock: override}}}}}

    return change


def told(change: Callable[[Document], Any]) -> list[str]:
    changed = deepcopy(DEFAULT)
    change(changed)
    return [f"{fault.place}: {fault.reason}" for fault in check(changed, ROSTER)[1]]


WHERE = "teams.sales.overrides.segments.hot.first_touch"
EFFORT = "teams.sales.overrides.segments.hot.effort"
NEVER_LESS = "a team may promise more, never less"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (overriding({"target": "PT20M"}), f"{WHERE}.target: {NEVER_LESS}: at most PT15M, as {OF_HOT}.target says"),
        (
            overriding({"if_arrived_closed": "PT2H"}),
            f"{WHERE}.if_arrived_closed: {NEVER_LESS}: at most PT1H, as {OF_HOT}.if_arrived_closed says",
        ),
        (
            # 8 hours for all, and nothing of its own for what arrives closed
            overriding({"if_arrived_closed": "PT9H"}, segment=NORMAL),
            ("teams.sales.overrides.segments.normal.first_touch.if_arrived_closed: "
             f"{NEVER_LESS}: at most PT8H, as segments.4.promises.first_touch.target says"),
        ),
        (
            overriding({"target": "PT4M"}, allowed={"shortest": "PT5M"}),
            f"{WHERE}.target: no shorter than PT5M, as {OF_HOT}.overridable.shortest says",
        ),
        (
            overriding({"target": "P1D"}),
            (f"{WHERE}.target: days and weeks of working time are ambiguous: "
            'write the hours, as "PT8H" for one day of 8'),
        ),
        (
            overriding({"target": "PT10M"}, allowed=False),
            f"{WHERE}: {OF_HOT} is for all alike; to let a team promise more, mark it overridable: true",
        ),
        (overriding({}), f"{WHERE}: says nothing: give a target, or take it out"),
        (overriding({"attempts": 9}), f"{WHERE}.attempts: attempts belong to effort"),
        (overriding({"max_gap": "PT9H"}), f"{WHERE}.max_gap: attempts belong to effort"),
        (
            overriding({"attempts": 7}, clock="effort"),
            f"{EFFORT}.attempts: {NEVER_LESS}: at least 8, as segments.1.promises.effort.attempts says",
        ),
        (
            overriding({"attempts": 13}, clock="effort", allowed={"most_attempts": 12}),
            f"{EFFORT}.attempts: no more than 12, as segments.1.promises.effort.overridable.most_attempts says",
        ),
        (
            overriding({"channels": 1}, clock="effort"),
            f"{EFFORT}.channels: {NEVER_LESS}: at least 2, as segments.1.promises.effort.channels says",
        ),
        (
            overriding({"max_gap": "PT28H"}, clock="effort"),
            f"{EFFORT}.max_gap: {NEVER_LESS}: at most PT27H, as segments.1.promises.effort.max_gap says",
        ),
        (overriding({"warn_at": {"third": "30%"}}), f"{WHERE}.warn_at.third: the ladder 'hot' has no such rung"),
        (
            overriding({"warn_at": {"half": "60%"}}),
            f"{WHERE}.warn_at.half: {NEVER_LESS}: no later than 50%, where it stands for all",
        ),
        (
            # 14 of 15 minutes are gone there; half of them at 7:30
            overriding({"warn_at": {"half": "due-PT1M"}}),
            f"{WHERE}.warn_at.half: {NEVER_LESS}: no later than 50%, where it stands for all",
        ),
        (
            overriding({"warn_at": {"manager": "50%"}}),
            f"{WHERE}.warn_at.manager: only rungs before due can stand earlier, and they stay before it",
        ),
        (
            overriding({"warn_at": {"half": "due"}}),
            f"{WHERE}.warn_at.half: only rungs before due can stand earlier, and they stay before it",
        ),
        (
            # 10 of 60 minutes where it came in while closed, but none of 15
            overriding({"warn_at": {"half": "due-PT50M"}}),
            f"{WHERE}.warn_at.half: rung 'half' at due-PT50M lies before the start of a promise of PT15M",
        ),
        (
            overriding({"warn_at": {"half": "soon"}}),
            f"{WHERE}.warn_at.half: a rung stands at 1% to 99% of the target, at due, or at due+PT10M / due-PT1H",
        ),
        (overriding({"traget": "PT5M"}), f"{WHERE}.traget: there is no such key"),
        (
            lambda d: d.update(teams={"sales": {"overrides": {"segments": {"warm": {"reply": {"target": "PT1H"}}}}}}),
            "teams.sales.overrides.segments.warm.reply: there is no segment 'warm'",
        ),
        (
            lambda d: d.update(teams={"sales": {"overrides": {"stages": {"qualified": {"target": "PT1H"}}}}}),
            ("teams.sales.overrides.stages.qualified: there is no stages.qualified; a team can only promise more of "
             "what is promised"),
        ),
        (
            lambda d: d["segments"][HOT].update(stages={"working": {"target": "PT90H", "overridable": True}}),
            "segments.1.stages.working.overridable: this limit is for all teams alike; mark the one under stages",
        ),
        (
            lambda d: d["segments"][HOT]["promises"]["first_touch"].update(overridable={"shortest": "PT20M"}),
            f"{OF_HOT}.overridable.shortest: is longer than the target, PT15M",
        ),
        (
            lambda d: d["segments"][HOT]["promises"]["effort"].update(overridable={"most_attempts": 3}),
            "segments.1.promises.effort.overridable.most_attempts: all make 8 already",
        ),
        (
            lambda d: d["segments"][HOT]["promises"]["first_touch"].update(overridable={"most_attempts": 9}),
            f"{OF_HOT}.overridable.most_attempts: attempts belong to effort",
        ),
    ],
)  # fmt: skip
def test_what_promises_less_or_is_not_allowed_is_refused_with_the_bound(
    change: Callable[[Document], Any], said: str
) -> None:
    assert told(change) == [said]


@pytest.mark.parametrize(
    "change",
    [
        overriding({"target": "PT15M"}),  # the same is not less
        overriding({"target": "PT5M"}, allowed={"shortest": "PT5M"}),
        overriding({"target": "PT10M", "if_arrived_closed": "PT30M", "warn_at": {"half": "40%"}}),
        overriding({"attempts": 12, "channels": 3, "max_gap": "PT18H"}, clock="effort", allowed={"most_attempts": 12}),
        overriding({"if_arrived_closed": "PT8H"}, segment=NORMAL),
    ],
)
def test_more_is_let_be(change: Callable[[Document], Any]) -> None:
    assert told(change) == []


def test_a_later_revision_may_not_promise_more_to_all_than_a_team_still_says() -> None:
    def change(d: Document) -> None:
        overriding({"target": "PT10M"})(d)
        d["segments"][HOT]["promises"]["first_touch"]["target"] = "PT5M"

    assert told(change) == [f"{WHERE}.target: {NEVER_LESS}: at most PT5M, as {OF_HOT}.target says"]


minutes = st.integers(1, 600)
efforts = st.tuples(st.integers(2, 50), st.integers(1, 6), minutes)


@settings(deadline=None)
@given(efforts, efforts)
def test_an_effort_of_a_team_is_never_smaller(of_all: tuple[int, int, int], own: tuple[int, int, int]) -> None:
    changed = deepcopy(DEFAULT)
    overriding(effort(*own), clock="effort")(changed)
    changed["segments"][HOT]["promises"]["effort"] |= effort(*of_all)

    is_more = own[0] >= of_all[0] and own[1] >= of_all[1] and own[2] <= of_all[2]
    assert (not list(override_faults(changed))) is is_more


def effort(attempts: int, channels: int, gap: int) -> dict[str, Any]:
    return {"attempts": attempts, "channels": channels, "max_gap": f"PT{gap}M"}


def test_gaps_are_compared_as_lengths() -> None:
    assert told(overriding({"max_gap": "PT1620M"}, clock="effort")) == []  # 27 hours
