"""Why a lead stands where it stands, as a colleague would tell it who has read everything.

`explain` draws on the lead's state for how things are and on its journal for why; it decides and changes nothing.
Every sentence is for people: wall times of the promise's calendar, durations in words, names instead of ids. Beside
each sentence stand the same things as data.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from leads.entries import Entry, Kind
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import Lead
from leads.telling.case import Because, Case, Told, open_case, ref_in
from leads.telling.coming import ComingStory, coming_of
from leads.telling.nouns import STANDS
from leads.telling.oddities import IgnoredStory, OddStory, anomalies_of, ignored_of, overtaken_of
from leads.telling.owners import HandOffStory, OwnerStory, giver_of, hand_offs_of, owner_of
from leads.telling.promises import PromiseStory, promises_of
from leads.telling.rules import RulesStory, rules_of
from leads.telling.summary import summary_of
from leads.telling.words import Delivery, Names, sentence


class StageStory(Told):
    """Where the lead stands, and what moved it there."""

    stage: str
    since: datetime | None
    sentence: str
    because: Because | None


class Explanation(Told):
    """Everything there is to say of a lead at one instant."""

    lead_id: str
    at: datetime
    timezone: str = Field(description="The zone of wall times in all sentences, unless a promise names its own.")
    summary: str = Field(description="The whole of it in two or three sentences.")
    stage: StageStory
    owner: OwnerStory
    promises: tuple[PromiseStory, ...]
    coming: tuple[ComingStory, ...] = Field(description="What happens next if nobody acts, soonest first.")
    hand_offs: tuple[HandOffStory, ...]
    ignored: tuple[IgnoredStory, ...]
    overtaken: tuple[OddStory, ...]
    anomalies: tuple[OddStory, ...]
    rules: RulesStory
    unread: int = Field(description="Events that have come in and are in none of this yet.")
    is_complete: bool = Field(description="False: the journal is too long to be read for this, so some reasons lack.")


def explain(
    lead: Lead,
    journal: Iterable[Entry],
    shelf: Shelf,
    now: datetime,
    *,
    names: Names | None = None,
    deliveries: Mapping[str, Delivery] | None = None,
    unread: int = 0,
    is_complete: bool = True,
) -> Explanation:
    """Explain `lead` as of `now` from its state and its whole journal, or from the state alone.

    `names` gives people and teams their names, `deliveries` says how notices stand by their decisions' ids, `unread`
    counts events that wait, `is_complete` says whether `journal` is there.
    """
    case = open_case(lead, journal, shelf, now, names or Names(), deliveries=deliveries)
    return Explanation(
        lead_id=lead.lead_id,
        at=now,
        timezone=str(case.words.zone),
        summary=summary_of(case, unread),
        stage=_stage(case),
        owner=owner_of(case),
        promises=promises_of(case),
        coming=coming_of(case),
        hand_offs=hand_offs_of(case),
        ignored=ignored_of(case),
        overtaken=overtaken_of(case),
        anomalies=anomalies_of(case),
        rules=rules_of(case),
        unread=unread,
        is_complete=is_complete,
    )


def people_in(lead: Lead, journal: Iterable[Entry]) -> set[str]:
    """Ids of everyone an explanation or a timeline may name."""
    found = {
        person
        for h in lead.hand_offs
        for person in (h.owner, h.touched_by, h.giver, h.ended_by, *h.past_owners)
        if person
    } | {clock.owner for clock in lead.clocks.values() if clock.owner}
    for entry in journal:
        for name in ("by", "owner", "was", "would_give", "person", "open_opportunity_owner"):
            value = getattr(entry.data, name, None)
            if isinstance(value, str):
                found.add(value)
        if entry.kind is Kind.COMMAND and entry.actor:
            found.add(entry.actor)
        found |= {candidate.person for candidate in getattr(entry.data, "candidates", ())}
        found |= {role.partition(":")[2] for role in getattr(entry.data, "to", ())}
    return found


def _stage(case: Case) -> StageStory:
    lead = case.lead
    if lead.stage is Stage.PROVISIONAL:
        said = "Not captured yet: the event that captures it has not come, and promises start only then."
        return StageStory(stage=lead.stage, since=lead.first_heard_at, sentence=said, because=None)
    moved = case.last("stage_moved", lambda happening: happening.data["target"] == lead.stage)
    entry = case.entry(ref_in(moved)) if moved else None
    since = f" since {case.words.at(lead.stage_since)}" if lead.stage_since else ""
    why = f": {case.clause(entry)}" if entry else ""
    said = sentence(f"{STANDS[lead.stage]}{since}{why}") + _moved_on(case, entry)
    return StageStory(stage=lead.stage, since=lead.stage_since, sentence=said, because=case.because(entry))


def _moved_on(case: Case, entry: Entry | None) -> str:
    """Who has an assigned lead now, where it has changed hands since the stage was reached."""
    hand_off = case.lead.hand_off
    giver = giver_of(case, hand_off) if hand_off is not None and hand_off.owner else None
    if case.lead.stage is not Stage.ASSIGNED or giver is None or giver is entry:
        return ""
    return " " + sentence(f"then, on {case.words.at(giver.effective_at)}, {case.clause(giver)}")
