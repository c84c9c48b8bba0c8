"""The ladder of a promise: which alarms are to come, which fired, which were left out and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import Field

from leads.decisions import Assigned, NoticeIssued, NoticeWithheld, Queued, RungFired, RungSkipped
from leads.durations import parse_duration
from leads.entries import Entry
from leads.ladder import Step, climb, hearers
from leads.modes import mode_of_step
from leads.notices import address, whose
from leads.playbook import Playbook
from leads.playbook_teams import NoticeMode
from leads.promises import Recipient, Rung
from leads.state import Clock
from leads.telling.case import Case, Told
from leads.telling.decisions import skip_reason, told, would_be_told, would_move
from leads.telling.enders import hand_off_of
from leads.telling.words import Delivery, lasting, listed, sentence, target

_PROMPTLY = timedelta(minutes=1)
"""Longer than a healthy process takes to raise an alarm that has come due."""


class RungStory(Told):
    """One rung of a ladder."""

    rung: str
    state: str = Field(description="coming, fired, skipped, or not_reached: the promise ended before.")
    stands: str = Field(description="Where it stands: half of the time, when due, 10 minutes after.")
    due_at: datetime | None
    at: datetime | None = Field(
        description="When it fired, was skipped or will fire; later than due by the wait for late word."
    )
    sentence: str


def ladder_of(case: Case, clock: Clock) -> tuple[RungStory, ...]:
    """Every rung of a clock's ladder, in the playbook's order."""
    if clock.ladder is None:
        return ()
    coming = {step.rung.rung: step for step in climb(case.life, clock)}
    rungs = case.shelf.number(clock.revision).rungs(clock)
    return tuple(_story(case, clock, rung, coming.get(rung.rung)) for rung in rungs)


def _story(case: Case, clock: Clock, rung: Rung, step: Step | None) -> RungStory:
    settled = next(_settled(case, clock, rung), None)
    if settled is not None:
        entry, due_at, skipped = settled
        said = _fired(case, clock, rung, entry) if skipped is None else _left_out(case, clock, rung, entry, skipped)
        state, at = "fired" if skipped is None else "skipped", entry.effective_at
    elif step is not None:
        state, due_at, at, said = "coming", step.due_at, step.fires_at, will(case, clock, rung)
    else:
        said = sentence(f"{stands(rung)}: not reached, the promise had ended")
        return RungStory(rung=rung.rung, state="not_reached", stands=stands(rung), due_at=None, at=None, sentence=said)
    return RungStory(
        rung=rung.rung, state=state, stands=stands(rung), due_at=due_at, at=at,
        sentence=sentence(f"{case.words.at(at)} ({stands(rung)}{later_by(case, clock, rung, at - due_at)}): {said}"),
    )  # fmt: skip


def later_by(case: Case, clock: Clock, rung: Rung, delay: timedelta) -> str:
    """Why it stands later than its place: the wait for late word, the alarms before it, or an outage."""
    if delay < timedelta(seconds=1):
        return ""
    playbook = case.shelf.number(clock.revision).playbook
    waited, apart = late_word(playbook, clock, rung), parse_duration(playbook.notices.rungs_apart)
    if timedelta() < waited <= delay < waited + _PROMPTLY:
        return f", plus {target(waited)} for late word"
    if delay <= waited + apart:
        return f", {lasting(delay)} later so that alarms stand apart"
    return f", raised {lasting(delay)} later"


def late_word(playbook: Playbook, clock: Clock, rung: Rung) -> timedelta:
    """How long a rung waits for late evidence."""
    lag = playbook.evidence.lag_of(clock.team)
    return lag if rung.is_above_owner else timedelta()


def stands(rung: Rung) -> str:
    """Where a rung stands, in words."""
    if rung.fraction is not None:
        return "half of the time gone" if rung.at == "50%" else f"{rung.at} of the time gone"
    if rung.offset == timedelta():
        return "when due"
    return f"{target(abs(rung.offset))} {'past due' if rung.offset > timedelta() else 'before due'}"


def moment(rung: Rung, subject: str) -> str:
    """The instant of a rung as a clause: `half of the time for the first touch is gone`."""
    if rung.fraction is not None:
        return f"{'half' if rung.at == '50%' else rung.at} of the time for {subject} is gone"
    if rung.offset == timedelta():
        return f"{subject} is due"
    if rung.offset < timedelta():
        return f"{subject} is due {target(-rung.offset)} later"
    return f"{subject} is {target(rung.offset)} overdue"


def will(case: Case, clock: Clock, rung: Rung) -> str:
    """What a rung will do, as a clause."""
    words, acts = case.words, []
    mode = _mode(case, clock, rung)
    roles = hearers(rung, mode)
    if roles:
        names = listed(words.role(address(role, clock.owner, clock.team)) for role in roles)
        acts.append(f"{names} {'are' if _are_many(clock, roles) else 'is'} told")
    elif rung.notify:
        acts.append(f"nobody is told, since {_SILENT[mode].format(team=words.team(clock.team))}")
    hand_off = hand_off_of(case, clock)
    if mode is NoticeMode.SHADOW and (rung.reassign or rung.to_queue):
        acts.append("it stays where it is")
    elif rung.reassign and hand_off is not None and hand_off.hops >= rung.max_hops:
        acts.append(f"it stays where it is, having changed hands {hand_off.hops} times already")
    elif rung.reassign:
        acts.append(f"it goes to somebody else in {words.team(clock.team)}, if anyone is free")
    elif rung.to_queue:
        acts.append(f"it goes back into the queue of {words.team(clock.team)}")
    return " and ".join(acts)


_SILENT = {
    NoticeMode.SHADOW: "{team} stands in shadow",
    NoticeMode.NOTIFY_OWNER: "only owners are told in {team}",
}


def _mode(case: Case, clock: Clock, rung: Rung) -> NoticeMode:
    """As far as it can be known now."""
    step = next((step for step in climb(case.life, clock) if step.rung == rung), None)
    if step is None:
        return case.shelf.in_force(case.now).playbook.mode_of(clock.team)
    return mode_of_step(case.shelf, whose(case.lead, clock)[1], step, case.now)


def _are_many(clock: Clock, roles: tuple[Recipient, ...]) -> bool:
    return len(roles) > 1 or address(roles[0], clock.owner, clock.team).startswith("team_manager:")


def _settled(case: Case, clock: Clock, rung: Rung) -> Iterator[tuple[Entry, datetime, str | None]]:
    """The decision that settled a rung, when it had come due, and why it was skipped, if it was."""
    for entry, fired in case.decided_of(RungFired, clock.key):
        if fired.rung == rung.rung:
            yield entry, fired.due_at, None
    for entry, skipped in case.decided_of(RungSkipped, clock.key):
        if skipped.rung == rung.rung:
            yield entry, skipped.due_at, skipped.why


def _fired(case: Case, clock: Clock, rung: Rung, entry: Entry) -> str:
    """What a rung that fired came to: whom it told, and where the lead went."""
    acts = []
    for issued, notice in case.decided(NoticeIssued):
        is_of_it = notice.rung == rung.rung and notice.about in (clock.key, _named(entry))
        if is_of_it and issued.effective_at == entry.effective_at:
            kept = case.lead.notices.get(issued.id)
            delivery = case.words.deliveries.get(issued.id)
            if delivery is None and kept is not None and kept.withdrawn:
                delivery = Delivery("withdrawn")
            acts.append(told(notice.template, notice.to, case.words, delivery))
    moves = [e for e, _ in case.decided_of(Assigned, clock.key)] + [e for e, _ in case.decided_of(Queued, clock.key)]
    acts += [case.clause(move) for move in moves if move.effective_at == entry.effective_at]
    return ", and ".join(acts) or "nobody was told"


def _left_out(case: Case, clock: Clock, rung: Rung, entry: Entry, why: str) -> str:
    """Why a rung did nothing, and in shadow what it would have come to."""
    acts = [f"left out: {skip_reason(why)}"]
    for spared, notice in case.decided(NoticeWithheld):
        is_of_it = notice.rung == rung.rung and notice.about in (clock.key, _named(entry))
        if is_of_it and spared.effective_at == entry.effective_at:
            acts.append(would_be_told(notice, case.words))
    if isinstance(entry.data, RungSkipped) and (moves := would_move(entry.data, case.words)):
        acts.append(moves)
    return "; ".join(acts)


def _named(entry: Entry) -> str:
    """The clock's name when the rung came due; it may stand under an earlier cause today."""
    return entry.data.clock if isinstance(entry.data, RungFired | RungSkipped) else ""
