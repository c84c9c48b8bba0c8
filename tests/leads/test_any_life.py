"""What holds after every step of any life, whatever came in and in whatever order; failing lives are made small."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.decisions import NoticeIssued
from leads.revisions import Shelf
from tests.leads.laws import every_decision_comes_out_again, lived
from tests.leads.strategies import Beat, lives, shelves

FEW = settings(max_examples=100, deadline=None)
TOLD_ONCE = {"asked_again", "ignored_retracted", "overtaken", "feedback_asked"}
"""Of one hand-off, promise or decision."""


@FEW
@given(lives(), shelves, st.integers())
def test_promises_hold_after_every_step(beats: list[Beat], shelf_: Shelf, seed: int) -> None:
    story = lived(shelf_, beats, Random(seed))

    every_decision_comes_out_again(story)
    issued = [entry.data for entry in story.decided("notice_issued") if isinstance(entry.data, NoticeIssued)]
    once = [(notice.template, notice.about) for notice in issued if notice.template in TOLD_ONCE]
    assert len(once) == len(set(once))
