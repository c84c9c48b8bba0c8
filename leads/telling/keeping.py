"""What would keep a promise that still runs, and what counts as a real touch."""

from leads.events import Channel, Mode
from leads.playbook_touch import RealTouch
from leads.promises import ClockName, Promise
from leads.segments import segment_of
from leads.state import Clock
from leads.telling.case import Case
from leads.telling.enders import hand_off_of
from leads.telling.outcomes import progress_of
from leads.telling.words import counted, listed, target

_A_TOUCH = {
    Channel.CALL: "a call",
    Channel.EMAIL: "an e-mail",
    Channel.MESSAGE: "a message",
    Channel.MEETING: "a meeting",
    Channel.VISIT: "a visit",
    Channel.OTHER: "some other contact",
}
_MADE = {
    Mode.MANUAL: "made by a person",
    Mode.SEQUENCE_MANUAL: "done by hand as a step of a sequence",
    Mode.SEQUENCE_AUTO: "sent by a sequence on its own",
    Mode.BULK: "sent in bulk",
}
_TOUCH = "a real touch by anyone in sales"
_KEPT = {
    ClockName.SPEED_TO_LEAD: f"Kept by {_TOUCH}, or by the buyer picking a meeting slot.",
    ClockName.ASSIGN: "Kept as soon as somebody owns it: claim it, or give it to someone.",
    ClockName.ACCEPT: (
        f"Kept when {{owner}} accepts it, or rejects it for a reason that can be checked; also by {_TOUCH}."
    ),
    ClockName.FIRST_TOUCH: f"Kept by {_TOUCH}.",
    ClockName.NEXT_STEP: f"Kept by {_TOUCH}, or when the lead moves on to another stage.",
    ClockName.REPLY: f"Kept by {_TOUCH}.",
    ClockName.MEETING_OUTCOME: "Kept when somebody tells that the meeting was held, missed or called off.",
    ClockName.STAGE: "Kept when the lead moves on to another stage.",
    ClockName.FEEDBACK: "Kept when {owner} tells marketing what came of it.",
}


def kept_by(case: Case, clock: Clock) -> str:
    """What would keep a promise, as a sentence."""
    if clock.clock is ClockName.EFFORT:
        return _effort(case, clock)
    return _KEPT[clock.clock].format(owner=case.words.person(clock.owner))


def _effort(case: Case, clock: Clock) -> str:
    promise = promise_of(case, clock)
    if promise is None or promise.attempts is None:
        return "Kept by reaching the buyer."
    said = f"Kept by reaching the buyer, or by {counted(promise.attempts, 'attempt')}"
    if promise.channels > 1:
        said += f" on {promise.channels} channels"
    if promise.max_gap is not None:
        gap = target(promise.parse(promise.max_gap))
        said += f", each within {gap} of working time of the one before; after a longer silence they count anew"
    return f"{said}. {progress_of(case, clock)}"


def promise_of(case: Case, clock: Clock) -> Promise | None:
    """The promise of the playbook that a clock runs under."""
    return _promise(case, clock, clock.terms_of)


def promise_of_all(case: Case, clock: Clock) -> Promise | None:
    """The same as it is for all teams that promise no more."""
    return _promise(case, clock, None)


def _promise(case: Case, clock: Clock, team: str | None) -> Promise | None:
    revision, hand_off = case.shelf.number(clock.revision), hand_off_of(case, clock)
    segment = revision.playbook.segment(clock.segment) if hand_off else segment_of(case.lead, revision, None)
    if clock.clock is ClockName.STAGE:
        return revision.stage_limit(team, clock.subject, hand_off, segment)
    return revision.terms_in(team, hand_off, segment).promises.get(clock.clock)


def real_touch(rule: RealTouch) -> str:
    """What the playbook takes for a real touch, as a sentence."""
    channels = listed((_A_TOUCH[channel] for channel in Channel if channel in rule.channels), "or")
    made = listed((_MADE[mode] for mode in Mode if mode in rule.modes), "or")
    left_out = listed([_MADE[mode] for mode in Mode if mode not in rule.modes] or ["nothing else"], "or")
    short = f" A call counts from {counted(rule.min_call_seconds, 'second')} on." if rule.min_call_seconds else ""
    booked = " An agreed meeting counts too." if rule.booked_meetings else ""
    return f"A real touch is {channels}, {made}; what is {left_out} does not count.{booked}{short}"
