"""The one table of moves."""

from itertools import pairwise, product

import pytest

from leads.entries import Entry
from leads.lifecycle import Phase, phase_of
from leads.stages import MOVES, OPEN_STAGES, PATH, SALES_STAGES, Stage, is_forward, may_move
from tests.builders import Story, at, captured, fact, raised, touched

P, C, N, Q, A, K, W, S, V, L, D, M, E = (
    Stage.PROVISIONAL, Stage.CAPTURED, Stage.NURTURING, Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING,
    Stage.OPPORTUNITY, Stage.WON, Stage.LOST, Stage.DISQUALIFIED, Stage.MERGED, Stage.ERASED,
)  # fmt: skip

TABLE = {
    #      may become
    P: {C, N, Q, A, K, W, S, V, L, D, M, E},
    C: {N, Q, A, K, W, S, V, L, D, M, E},
    N: {Q, A, K, W, S, V, L, D, M, E},
    Q: {N, A, K, W, S, V, L, D, M, E},
    A: {N, Q, K, W, S, V, L, D, M, E},
    K: {N, Q, A, W, S, V, L, D, M, E},
    W: {N, Q, A, S, V, L, D, M, E},  # not back to accepted: a touch cannot be unmade
    S: {N, Q, A, W, V, L, D, M, E},
    V: {Q, L, M, E},
    L: {N, Q, A, K, W, S, V, D, M, E},
    D: {C, N, Q, A, K, W, S, V, M, E},  # a lead ruled out is not lost
    M: {E},
    E: set(),
}


@pytest.mark.parametrize(("origin", "target"), list(product(Stage, Stage)))
def test_the_table_allows_these_moves_and_no_others(origin: Stage, target: Stage) -> None:
    assert may_move(origin, target) is (target in TABLE[origin])


def test_the_table_has_a_row_for_every_stage() -> None:
    assert MOVES.keys() == set(Stage)


def test_forward_moves_always_apply() -> None:
    for position, origin in enumerate(PATH):
        assert all(may_move(origin, target) and is_forward(origin, target) for target in PATH[position + 1 :])
    assert not any(is_forward(later, earlier) for earlier, later in pairwise(PATH))
    assert not is_forward(Stage.WORKING, Stage.LOST)


def test_open_and_sales_stages_are_those_that_need_a_next_instant_and_an_owner() -> None:
    assert {P, C, N, Q, A, K, W, S} == OPEN_STAGES
    assert {Q, A, K, W, S} == SALES_STAGES
    assert {stage for stage in Stage if phase_of(stage) is Phase.ENDED} == {V, L, D, M, E}


REACHED = {
    P: [touched(at(0))],
    C: [captured(at(0))],
    Q: [captured(at(0)), raised(at(0), id_="r"), fact("lead.rejected", at(1), reason="wrong_territory")],
    A: [captured(at(0)), fact("lead.assigned", at(1), owner="ana")],
    K: [captured(at(0)), fact("lead.accepted", at(1), by="ana")],
    W: [captured(at(0)), fact("lead.assigned", at(1), owner="ana"), touched(at(2))],
    S: [captured(at(0)), fact("lead.opportunity_opened", at(1))],
    V: [captured(at(0)), fact("lead.won", at(1))],
    L: [captured(at(0)), fact("lead.lost", at(1), reason="chose_other")],
    D: [captured(at(0)), fact("lead.disqualified", at(1))],
    N: [captured(at(0)), fact("lead.recycled", at(1), reason="no_need")],
}


@pytest.mark.parametrize("stage", REACHED)
def test_every_stage_but_merged_and_erased_is_reached_by_facts(stage: Stage) -> None:
    story = Story(people=())

    story.step(at(3), *REACHED[stage])

    assert story.lead.stage is stage
    assert story.lead.anomalies == 0


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (fact("lead.rejected", at(2), reason="no_fit"), "a lead that is won has nothing to reject"),
        (fact("lead.recycled", at(2), reason="no_need"), "won cannot become nurturing"),
        (fact("lead.disqualified", at(2)), "won cannot become disqualified"),
        (fact("lead.reopened", at(2)), "a lead that is won cannot be reopened"),
        (fact("lead.assigned", at(2), owner="ben"), "a lead that is won has nothing to assign"),
        (fact("lead.accepted", at(2), by="ben"), "a lead that is won has nothing to accept"),
    ],
)
def test_a_contradiction_is_an_anomaly_recorded_and_counted_and_nothing_else(then: Entry, why: str) -> None:
    story = Story()
    story.step(at(1), captured(at(0)), fact("lead.won", at(1)))

    story.step(at(3), then)

    assert (story.lead.stage, story.lead.anomalies) == (Stage.WON, 1)
    [anomaly] = [happening for happening in story.timeline.values() if happening.kind == "anomaly"]
    assert anomaly.data["why"] == why


def test_a_win_may_be_corrected_to_a_loss_and_a_loss_to_a_win() -> None:
    story = Story()
    story.step(at(1), captured(at(0)), fact("lead.won", at(1)))
    story.step(at(2), fact("lead.lost", at(2), reason="chose_other"))
    assert story.lead.stage is Stage.LOST

    story.step(at(3), fact("lead.won", at(3)))

    assert (story.lead.stage, story.lead.anomalies) == (Stage.WON, 0)


def test_another_opportunity_of_a_customer_leaves_the_lead_won() -> None:
    story = Story()

    story.step(at(3), captured(at(0)), fact("lead.won", at(1)), fact("lead.opportunity_opened", at(2)))

    assert (story.lead.stage, story.lead.anomalies) == (Stage.WON, 0)
