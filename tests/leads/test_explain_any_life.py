"""Whatever a life holds, it can be explained, and the explanation agrees with the state."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings

from leads.explain import explain
from leads.revisions import Shelf
from leads.telling.lines import line
from leads.telling.words import Words
from tests.builders import Story
from tests.leads.strategies import Beat, lives, shelves


def check(story: Story, now: datetime) -> None:
    told = explain(story.lead, story.journal, story.shelf, now)

    assert told.stage.stage == story.lead.stage
    assert told.owner.owner == story.lead.owner
    assert {promise.key for promise in told.promises} == set(story.lead.clocks)
    assert len(told.overtaken) == len(story.lead.overtaken)
    assert len(told.anomalies) == story.lead.anomalies
    assert bool(told.coming) or not story.lead.is_open
    for promise in told.promises:
        counted = [part.end for part in promise.reckoning.lines if part.kind == "counted" and part.end]
        assert not counted or promise.reckoning.notes or abs(counted[-1] - promise.due_at) < timedelta(seconds=1)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives(), shelves)
def test_any_life_can_be_explained_at_every_step(beats: list[Beat], shelf: Shelf) -> None:
    story = Story(shelf)
    for beat in beats:
        story.sleep_until(beat.at - timedelta(seconds=1))
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)
        check(story, beat.at)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives(), shelves)
def test_every_line_of_any_timeline_is_a_sentence(beats: list[Beat], shelf: Shelf) -> None:
    story = Story(shelf)
    for beat in beats:
        story.step(beat.at, *beat.mail)
    words = Words(shelf.in_force(beats[-1].at).hours("working").zone, beats[-1].at)
    entries = {entry.ref: entry for entry in story.journal}
    for happening in story.timeline.values():
        of_journal = entries.get(happening.key.partition(":")[2]) if happening.kind in ("fact", "command") else None
        told = line(happening.kind, happening.data, words, of_journal)
        assert told.endswith((".", "”"))
        assert "None" not in told
