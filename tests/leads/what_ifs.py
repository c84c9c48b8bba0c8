"""A draft weighed on the lives of tests: as a preview does it, without a database."""

from collections.abc import Generator, Iterable
from datetime import datetime
from typing import Any

from leads.playbook import Playbook
from leads.running import Choice, Running
from leads.state import dump_state, load_state
from leads.telling.what_if import sentences
from leads.what_if.effect import Effect, weigh
from leads.what_if.past import PastEffect, weigh_past
from leads.what_if.plan import Plan
from leads.what_if.report import Looked, OpenPreview, PastPreview, Preview
from leads.what_if.tally import OpenSums, PastSums
from tests.builders import MONDAY, Story, captured, playbook, raised

CARRY = Running(default=Choice.CARRY)


def promising(**targets: str) -> Playbook:
    """The default playbook with other targets for raised hands, by the promise's name."""
    document = playbook().model_dump(mode="json", by_alias=True)
    (hot,) = (segment for segment in document["segments"] if segment["name"] == "hot")
    for name, target in targets.items():
        hot["promises"][name]["target"] = target
    return Playbook.model_validate(document)


def asked(begin: datetime = MONDAY, *, name: str = "lead-1") -> Story:
    """A raised hand that somebody has had since `begin`, due 15 minutes later."""
    story = Story()
    story.lead.lead_id = name
    story.step(begin, captured(begin), raised(begin))
    return story


def weighed(story: Story, draft: Playbook, now: datetime, running: Running | None = None) -> Effect:
    """What the draft would do to the story's lead. The story itself stays as it is."""
    stored = dump_state(story.lead)
    effect: Effect = drive(story, weigh(lambda: load_state(stored), [], Plan.of(story.shelf, draft, now, running)))
    return effect


def drive(story: Story, turn: Generator[Any, Any, Any]) -> Any:
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


def previewed(
    stories: Iterable[Story],
    draft: Playbook,
    now: datetime,
    running: Running | None = None,
    since: datetime | None = None,
) -> Preview:
    """The preview of these leads, all of them open."""
    sums, past = OpenSums(), PastSums()
    for story in stories:
        sums.count(weighed(story, draft, now, running))
        if since is not None:
            past.count(weighed_past(story, draft, now, since))
    looked = Looked(leads=sums.leads, of=sums.leads)
    found = Preview(
        at=now,
        base=1,
        running=running or Running(),
        open=OpenPreview.of(sums, looked),
        past=PastPreview.of(past, since, looked) if since is not None else None,
    )
    return found.model_copy(update={"summary": sentences(found)})
