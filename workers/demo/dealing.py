"""Meetings, and the deals that come of them: passed on to a closer or not, won, lost or given back."""

from typing import Any

from workers.demo import cast
from workers.demo.coming_back import ask_afterwards, ask_as_customer, ask_while_dealing
from workers.demo.script import By, Script, When

PICKED = 0.3
"""Share of meetings whose slot the buyer picks."""
MEETINGS = {"held": 66, "missed": 14, "called off": 9, "not told": 6, "told late": 5}
BOOKED_ANEW = 0.6
"""Of those missed or called off."""
PASSED_ON = 0.7
"""Share of meetings held after which the rep passes the lead on to a closer."""
CLOSERS = {"works it": 66, "gives it back": 22, "lets it lie": 12}
ACCEPTED = 0.75
"""Share of closers who accept the lead first."""
ENDS = {"won": 50, "lost": 32, "open": 18}
ANSWERS_ASKED, TELLS_UNASKED = 0.65, 0.1
"""Share of people asked for feedback who give it; share of wins of which somebody tells unasked."""
_LENGTH = 0.5


def meet(script: Script, at: float, *, again: bool = False) -> None:
    """A meeting is agreed at `at`. What became of it is promised within four hours."""
    meeting = {"meeting": f"meeting-{script.lead}-{len(script.acts)}"}
    starts_at = script.between(at, 0.5, 1.1)
    dates = {"at": starts_at, "ends_at": starts_at + _LENGTH}
    is_picked = script.happens(PICKED)
    by = By.NOBODY if is_picked else By.OWNER
    told = meeting | ({"self_booked": True} if is_picked else {})
    booked = script.event("lead.meeting_booked", at, told, by=by, when=When.TOUCHED, dates=dates)

    def tell(type_: str, told_at: float) -> None:
        script.event(type_, told_at, meeting, by=By.OWNER, follows=booked, dates=dates)

    over_at = starts_at + _LENGTH + 0.05
    match script.one_of(MEETINGS):
        case "missed":
            tell("lead.meeting_missed", script.between(over_at, 0, 0.5))
            _book_anew(script, over_at + 0.7, again=again)
        case "called off":
            tell("lead.meeting_cancelled", starts_at - 0.2)
            _book_anew(script, starts_at + 0.3, again=again)
        case "not told":
            pass
        case "told late":
            tell("lead.meeting_held", over_at + 4.3)
        case _:
            tell("lead.meeting_held", over_at)
            _deal(script, script.between(over_at, 0.1, 0.5))


def _book_anew(script: Script, at: float, *, again: bool) -> None:
    if not again and script.happens(BOOKED_ANEW):
        meet(script, at, again=True)


def _deal(script: Script, at: float) -> None:
    """The rep goes on alone, or passes the lead on to a closer."""
    if not script.happens(PASSED_ON):
        _close(script, at, By.OWNER, None)
        return
    baton = {"owner": script.chance.choice(cast.CLOSERS), "team": cast.CLOSERS_TEAM}
    passed = script.either(0.3, "reassign", "lead.assigned", at, baton, by=By.OWNER, when=When.TOUCHED)
    at = script.between(at, 0.2, 1)
    how = script.one_of(CLOSERS)
    if how == "lets it lie":
        return
    if script.happens(ACCEPTED):
        script.either(0.6, "accept", "lead.accepted", at, {}, by=By.CLOSER, follows=passed)
    at = script.between(at, 0.3, 2)
    if how == "gives it back":
        _give_back(script, at, passed)
        return
    call = {"channel": "call", "connected": True, "duration_seconds": script.chance.randint(200, 1800)}
    script.event("lead.touched", at, call, by=By.CLOSER, follows=passed)
    _close(script, script.between(at, 0.2, 0.6), By.CLOSER, passed)


def _give_back(script: Script, at: float, passed: str) -> None:
    """The closer says no, and is asked why; the rep has the lead again and takes it up, or does not."""
    reason = {"reason": script.chance.choice(("no_budget", "no_fit", "bad_timing"))}
    back = script.either(0.4, "return", "lead.returned", at, reason, by=By.CLOSER, follows=passed)
    _give_feedback(script, at, (1, 3), back)
    if script.happens(0.7):
        again_at = script.between(at, 0.5, 2)
        call = {"channel": "call", "connected": True}
        script.event("lead.touched", again_at, call, by=By.REP, follows=back)
        if script.happens(0.5):
            script.event("lead.recycled", script.between(again_at, 0.2, 1), reason, by=By.REP, follows=back)


def _close(script: Script, at: float, by: By, passed: str | None) -> None:
    """An opportunity, and its end if it has one by then."""
    amount = script.chance.choice((4_000, 9_000, 18_000, 45_000))
    deal: dict[str, Any] = {"opportunity": f"deal-{script.lead}", "amount": amount, "currency": "EUR"}
    script.event("lead.opportunity_opened", at, deal, by=by, when=When.TOUCHED, follows=passed)
    used = {"content": script.chance.choice(("case_study_logistics", "roi_sheet"))}
    script.event("content.used", at + 0.1, used, by=by, when=When.TOUCHED, follows=passed)
    ask_while_dealing(script, at)
    ended_at = script.between(at, 0.8, 2.2)
    match script.one_of(ENDS):
        case "won":
            won = script.event("lead.won", ended_at, deal, by=by, when=When.TOUCHED, follows=passed)
            if script.happens(TELLS_UNASKED):
                script.event("lead.feedback_given", ended_at + 0.1, {"quality": 5}, by=by, follows=won)
            _give_feedback(script, ended_at, (3, 5), won)
            ask_as_customer(script, ended_at, won)
        case "lost":
            reason = {"reason": script.chance.choice(("chose_other", "no_budget", "no_need"))}
            lost = script.event("lead.lost", ended_at, deal | reason, by=by, when=When.TOUCHED, follows=passed)
            ask_afterwards(script, ended_at, lost)


def _give_feedback(script: Script, at: float, quality: tuple[int, int], end: str) -> None:
    """Whoever is asked answers, most of the time."""
    if script.happens(ANSWERS_ASKED):
        told = {"quality": script.chance.randint(*quality), "message_used": "three_zones"}
        told_at = script.between(at, 0.4, 2)
        script.either(
            0.6, "feedback", "lead.feedback_given", told_at, told, by=By.ASKED, follows=end, while_running="feedback"
        )
