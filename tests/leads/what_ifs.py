"""A draft weighed on the lives of tests: as a preview does it, without a database."""

from datetime import datetime
from typing import Any

from leads.playbook import Playbook
from leads.state import dump_state, load_state
from leads.what_if.effect import Effect, weigh
from leads.what_if.past import PastEffect, weigh_past
from leads.what_if.plan import Plan
from tests.builders import Story, playbook


def promising(**targets: str) -> Playbook:
    """The default playbook with other targets of raised hands, by the promise's name."""
    hot = playbook().segment("hot")
    promises = hot.promises | {
        name: promise.model_copy(update={"target": targets[name]})
        for name, promise in hot.promises.items()
        if name in targets
    }
    return changed(hot=hot.model_copy(update={"promises": promises}))


def changed(hot: Any = None, **changes: Any) -> Playbook:
    """The default playbook with another segment for raised hands, and with other parts."""
    book = playbook(**changes)
    segments = tuple(hot if hot is not None and each.name == "hot" else each for each in book.segments)
    return book.model_copy(update={"segments": segments})


def weighed(story: Story, draft: Playbook, now: datetime) -> Effect:
    """What the draft would do to the story's lead. The story itself stays as it is."""
    stored = dump_state(story.lead)
    effect: Effect = drive(story, weigh(lambda: load_state(stored), [], Plan.of(story.shelf, draft, now)))
    return effect


def drive(story: Story, turn: Any) -> Any:
    """Answer what a turn asks as the story's people would."""
    answer: Any = None
    while True:
        try:
            question = turn.send(answer)
        except StopIteration as done:
            return done.value
        answer = story._answer(question)


def weighed_past(story: Story, draft: Playbook, now: datetime, since: datetime) -> PastEffect:
    return weigh_past(story.lead.lead_id, story.journal, Plan.of(story.shelf, draft, now), since)
