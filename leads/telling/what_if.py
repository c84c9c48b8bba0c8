"""What a preview says, in sentences: how many leads a draft touches, and what would happen at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from leads.telling.nouns import noun
from leads.telling.words import counted, lasting, listed
from leads.what_if.report import (
    DecisionChange,
    Looked,
    Move,
    OpenPreview,
    PastGroup,
    PastPreview,
    Preview,
    Shifts,
)

_ROLES = {
    "owner": "owners",
    "deputy": "deputies",
    "manager": "managers",
    "team": "teams",
    "team_manager": "managers of teams",
    "channel": "channels",
    "sponsor": "sponsors",
}
_DECIDED = {
    "qualified": "handed to sales",
    "nurtured": "taken up by marketing",
    "assigned": "given an owner",
    "queued": "put into a queue",
    "ignored_announced": "called ignored",
    "ignored_retracted": "called ignored no more",
    "feedback_asked": "asked about",
}
_MOST_MOVES = 3


def sentences(found: Preview) -> list[str]:
    """The whole preview, the gravest of each part first. Names no person."""
    return [*_open(found.open), *(_past(found.past) if found.past else ())]


def _open(found: OpenPreview) -> Iterator[str]:
    leads = counted(found.looked.leads, "open lead")
    if found.touched:
        yield f"{found.touched:,} of {leads} {'is' if found.touched == 1 else 'are'} touched."
        yield _moved(found)
        yield from _broken(found)
        yield _told(found)
    else:
        yield f"Nothing changes for {leads}."
    if found.retractions:
        yield f"{counted(found.retractions, 'alarm')} of broken promises would be taken back."
    yield from _decided(found.decisions)
    yield from _between("segment", found.segments)
    yield from _between("team", found.teams)
    yield from _left_out(found.looked, "open leads")


def _moved(found: OpenPreview) -> str:
    parts = []
    if found.shift:
        parts.append(f"{counted(found.moved, 'promise')} {_s(found.moved, 'move')}{_by(found, found.shift)}")
    parts += [f"{number:,} would {word}" for word, number in (("end", found.ended), ("start", found.started)) if number]
    return f"{'; '.join(parts)}." if found.shift else f"No promise that runs moves{''.join(f'; {p}' for p in parts)}."


def _by(found: OpenPreview, shift: Shifts) -> str:
    """`, by 45 minutes earlier on the median`; both ways where some move one way and some the other."""
    ends = [_way(shift.least), _way(shift.most)]
    if ends[0] == ends[1]:
        return f", by {ends[0]}"
    ways = f": {found.earlier:,} earlier and {found.later:,} later" if found.earlier and found.later else ""
    return f"{ways}, by {_way(shift.median)} on the median (from {ends[0]} to {ends[1]})"


def _way(seconds: int) -> str:
    return f"{lasting(timedelta(seconds=abs(seconds)))} {'earlier' if seconds < 0 else 'later'}"


def _broken(found: OpenPreview) -> Iterator[str]:
    caused, held = sum(each.caused for each in found.breaches), found.held
    if caused:
        of_what = _most(Counter({noun(each.clock): each.caused for each in found.breaches}))
        yield f"{counted(caused, 'promise')} would be broken at once{_on(found.leads_breached, caused)}: {of_what}."
    if held.promises:
        of_what = _most(Counter({noun(clock): number for clock, number in held.by_clock.items()}))
        then = sum(each.new for each in held.notices)
        told = f"then {counted(then, 'notice')} would go out" if then else "nobody would be told then either"
        yield (
            f"{counted(held.promises, 'promise')} would be broken by the edit itself{_on(held.leads, held.promises)}: "
            f"{of_what}. {'It is' if held.promises == 1 else 'They are'} held until somebody confirms it; {told}."
        )
    if not (caused or held.promises):
        yield "No promise would be broken at once because of it."


def _on(leads: int, promises: int) -> str:
    return f" on {counted(leads, 'lead')}" if leads != promises else ""


def _told(found: OpenPreview) -> str:
    more, less = Counter[str](), Counter[str]()
    for each in found.notices:
        more[each.role] += max(each.new - each.old, 0)
        less[each.role] += max(each.old - each.new, 0)
    parts = []
    if more.total():
        whom = _most(Counter({f"to {_ROLES.get(role, role)}": number for role, number in more.items()}))
        parts.append(f"{counted(more.total(), 'notice')} would go out at once because of it: {whom}")
    if less.total():
        parts.append(f"{counted(less.total(), 'notice')} due now would not go out")
    return f"{'; '.join(parts)}." if parts else "Nobody would be told anything more or less at once."


def _decided(decisions: Iterable[DecisionChange]) -> Iterator[str]:
    by_name = {each.decision: each for each in decisions}
    for each in (by_name[name] for name in _DECIDED if name in by_name):
        if each.new != each.old:
            number, way = abs(each.new - each.old), "" if each.new > each.old else " that now would be"
            verb = "would be" if each.new > each.old else "would not be"
            yield f"{counted(number, 'lead')}{way} {verb} {_DECIDED[each.decision]} at once."


def _between(what: str, moves: list[Move], of: str = "lead") -> Iterator[str]:
    if moves:
        told = [f"{each.count:,} from {each.old} to {each.new}" for each in moves[:_MOST_MOVES]]
        rest = sum(each.count for each in moves[_MOST_MOVES:])
        told += [f"{rest:,} between others"] if rest else []
        total = sum(each.count for each in moves)
        yield f"{counted(total, of)} {_s(total, 'change')} the {what}: {listed(told)}."


def _left_out(looked: Looked, what: str) -> Iterator[str]:
    if looked.is_sample:
        yield f"An even sample of {looked.leads:,} of {looked.of:,} {what} was looked at; the figures are of these."
    for number, why in (
        (looked.unread, "too much mail waits to be read"),
        (looked.unreadable, "their journal cannot be read"),
        (looked.too_long, "their journal is too long"),
    ):
        if number:
            yield f"Left out: {number:,} of the {what}, since {why}."


def _past(found: PastPreview) -> Iterator[str]:
    old, new, since = found.whole.old, found.whole.new, f"{found.since:%Y-%m-%d}"
    if not (old.promises or new.promises):
        yield f"Since {since} nothing was promised that has been kept or missed by now."
        return
    if not found.touched:
        yield (
            f"Since {since} the draft would have changed nothing for {counted(old.hand_offs, 'hand-off')}: "
            f"{_percent(old.missed_share)} of {counted(old.promises, 'promise')} were missed."
        )
        return
    yield (
        f"Since {since}, in {counted(old.hand_offs, 'hand-off')}: {_percent(new.missed_share)} of the promises would "
        f"have been missed ({new.promises - new.met:,} of {new.promises:,}) instead of {_percent(old.missed_share)} "
        f"({old.promises - old.met:,} of {old.promises:,})."
    )
    fates = [
        f"{counted(number, 'promise')} {fate}"
        for number, fate in (
            (found.newly_missed, "not missed before would have been missed"),
            (found.newly_kept, "missed before would have been kept"),
        )
        if number
    ]
    if fates:
        yield f"{listed(fates)}."
    if old.escalated_share != new.escalated_share:
        yield _escalated(found.whole)
    if old.ignored != new.ignored:
        yield f"{counted(new.ignored, 'hand-off')} would have been ignored instead of {old.ignored:,}."
    yield from _between("segment", found.segments, "hand-off")
    yield from _left_out(found.looked, "past leads")


def _escalated(whole: PastGroup) -> str:
    return (
        f"For {_percent(whole.new.escalated_share)} of the promises instead of {_percent(whole.old.escalated_share)} "
        f"somebody above the owner would have been alarmed, or the lead taken away."
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _most(counts: Counter[str]) -> str:
    """`6 first touch, 2 next step`, the most first."""
    return ", ".join(f"{number:,} {what}" for what, number in counts.most_common() if number)


def _s(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb
