"""What did not go as it should: decisions overtaken by late word, contradictions, hand-offs nobody looked after."""

from datetime import datetime

from pydantic import Field

from leads.decisions import DecisionData
from leads.entries import Entry, Kind
from leads.state import HandOff
from leads.telling.case import Because, Case, Told, ref_in
from leads.telling.words import lasting, sentence


class OddStory(Told):
    """Something that was noted and moved nothing."""

    at: datetime
    sentence: str
    because: Because | None


class IgnoredStory(Told):
    """Whether a hand-off was looked after by its horizon."""

    hand_off: str
    horizon_at: datetime
    state: str = Field(description="ahead, in_time (looked after or ended before), ignored (for good) or not_counted.")
    sentence: str


def overtaken_of(case: Case) -> tuple[OddStory, ...]:
    """Decisions whose premise is gone, and what took it away."""
    found = [entry for entry in case.journal if entry.kind is Kind.DECISION and entry.id in case.lead.overtaken]
    return tuple(_overtaken(case, entry) for entry in found)


def _overtaken(case: Case, entry: Entry) -> OddStory:
    late = _came_late(case, entry)
    words = case.words
    said = f"{words.at(entry.effective_at)}: {case.clause(entry)}. "
    if late is not None:
        delay = lasting(late.recorded_at - late.effective_at)
        said += f"But on {words.at(late.effective_at)} {case.clause(late)}; word of that came only {delay} later, on "
        said += f"{words.at(late.recorded_at)}. "
    else:
        said += "Word that came late has taken away the reason for it. "
    person = case.lead.overtaken[entry.id]
    said += "So the decision moves nothing in the books"
    said += f"; what {words.person(person)} was told stands." if person else "."
    return OddStory(at=entry.effective_at, sentence=said, because=case.because(late))


def _came_late(case: Case, decision: Entry) -> Entry | None:
    """The fact that should have been known: it counts before the decision and was not read when it was taken."""
    data = decision.data
    saw = data.saw if isinstance(data, DecisionData) else 0
    facts = [e for e in case.journal if e.kind is Kind.FACT and e.number > saw and e.sort_key < decision.sort_key]
    return min(facts, key=lambda e: e.number, default=None)


def anomalies_of(case: Case) -> tuple[OddStory, ...]:
    """Facts that contradict what was known."""
    return tuple(
        _anomaly(case, case.entry(ref_in(happening)), str(happening.data.get("why", "")), happening.at)
        for happening in case.happenings
        if happening.kind == "anomaly"
    )


def _anomaly(case: Case, entry: Entry | None, why: str, at: datetime) -> OddStory:
    what = case.clause(entry, "something came in")
    said = sentence(f"{case.words.at(at)}: {what}, but {why}; it was noted and changed nothing")
    return OddStory(at=at, sentence=said, because=case.because(entry))


def ignored_of(case: Case) -> tuple[IgnoredStory, ...]:
    """The horizon of every hand-off."""
    return tuple(_ignored(case, hand_off) for hand_off in case.lead.hand_offs)


def _ignored(case: Case, hand_off: HandOff) -> IgnoredStory:
    horizon, at, words = hand_off.ignored_at, hand_off.looked_after_at, case.words
    name = words.person(hand_off.touched_by)
    did = f"{name} reached out" if at == hand_off.touched_at else "it became an opportunity"
    if not case.lead.is_counted:
        state, said = "not_counted", "What never was a lead is ignored by nobody: it counts in no number."
    elif at is not None and at <= horizon:
        state, said = "in_time", f"Looked after: {did} on {words.at(at)}."
    elif hand_off.ended_at is not None and hand_off.ended_at <= horizon:
        state, said = "in_time", f"It ended before the horizon of {words.at(horizon)}, at which it would be ignored."
    elif horizon > case.now:
        state, said = "ahead", f"Without a real touch by {words.when(horizon)} it counts as ignored, for good."
    else:
        state, said = "ignored", f"Ignored: nobody had reached out by {words.at(horizon)}. That stays in the books"
        late = f", though {name} did" if at == hand_off.touched_at else f", though {did}"
        said += f"{late} on {words.at(at)}." if at else "; reaching out still helps the buyer."
    return IgnoredStory(hand_off=hand_off.id, horizon_at=horizon, state=state, sentence=said)
