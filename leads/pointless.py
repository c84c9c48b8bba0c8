"""Taking back what has not gone out yet: alarms about a promise kept, news of an owner gone, questions answered."""

from collections.abc import Callable

from leads.clocks import is_clock_key
from leads.decide import Asking, Tick
from leads.decisions import NoticeWithdrawn
from leads.feedback import ASKED
from leads.state import Lead, Notice, Outcome


def withdraw_pointless(tick: Tick) -> Asking:
    """Withdraw every notice not sent yet that nobody needs any more."""
    for notice_id in sorted(tick.undone & tick.lead.notices.keys()):
        notice = tick.lead.notices[notice_id]
        why = _WHY[notice.template](tick.lead, notice) if notice.template in _WHY else None
        if why is not None and not notice.withdrawn:
            decision = NoticeWithdrawn(**tick.premise, notice=notice_id, why=why)
            tick.make(decision, "notice_withdrawn", notice_id)
    return
    yield


def _promise_ended(lead: Lead, notice: Notice) -> str | None:
    clock = lead.clocks.get(notice.about)
    if clock is None:
        return "promise_ended"
    # a ladder may tell of a breach and move the lead in one step: whoever it names is to hear all the same
    is_moved_as_told = clock.outcome is Outcome.BREACHED and clock.ended_at == notice.issued_at
    return None if clock.is_running or is_moved_as_told else "promise_ended"


def _answered(lead: Lead, notice: Notice) -> str | None:
    """An answer that the buyer waits for, as far as the notice speaks of a promise."""
    return "answered" if is_clock_key(notice.about) and _promise_ended(lead, notice) else None


def _feedback_came(lead: Lead, notice: Notice) -> str | None:
    return None if lead.feedback_asked.get(notice.about) == ASKED else "answered"


def _looked_after(lead: Lead, notice: Notice) -> str | None:
    return None if lead.ignored_announced.get(notice.about) else "not_ignored"


def _owner_found(lead: Lead, _notice: Notice) -> str | None:
    hand_off = lead.hand_off
    return "owner_found" if hand_off is None or hand_off.owner is not None else None


def _no_news(lead: Lead, notice: Notice) -> str | None:
    hand_off = lead.hand_off
    if hand_off is None or hand_off.id != notice.about:
        return "hand_off_ended"
    if f"owner:{hand_off.owner}" not in notice.to:
        return "owner_changed"
    return "touched" if hand_off.touched_at is not None else None


def _moved_on(lead: Lead, notice: Notice) -> str | None:
    """What was taken over is news also where it is worked already."""
    why = _no_news(lead, notice)
    return why if why != "touched" else None


_WHY: dict[str, Callable[[Lead, Notice], str | None]] = {
    "warning": _promise_ended,
    "breach": _promise_ended,
    "escalation": _promise_ended,
    "asked_again": _answered,
    "feedback_asked": _feedback_came,
    "ignored": _looked_after,
    "unassigned": _owner_found,
    "assigned": _no_news,
    "taken_over": _moved_on,
}
"""Template → why a notice of it has become pointless, if it has."""
