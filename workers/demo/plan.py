"""The demo's script: what is going to happen to each lead, drawn once from a seed. Nothing here reads a clock.

How people react is drawn from an audit of 2,241 US firms (Harvard Business Review, 2011): 37 % answered within an hour,
24 % after more than a day, 23 % never, the rest in between. A day is a business day of nine hours. What the audit's
firms did not have, a second owner who gets the lead when the first lets it lie, a colleague who helps out and a manager
who waives, is drawn apart. So is what follows a first touch (`working`, `dealing`, `coming_back`): those shares are
made up, so that everything that happens to leads is seen.
"""

from datetime import timedelta
from random import Random

from workers.demo import cast
from workers.demo.coming_back import ask_while_waiting, ask_while_worked
from workers.demo.script import Act, By, Script, When
from workers.demo.working import go_on, reach_out

HOURS = 18
"""How many shortened hours the demo lasts."""
BUSINESS_DAY = 9
CAPTURED_WITHIN = 6
"""Hours in which all leads come in, so that a business day is left for the last of them."""
REACTIONS = {"within_an_hour": 37, "within_a_day": 16, "after_a_day": 24, "never": 23}
WAYS_IN = {"raised": 80, "engaged": 8, "event": 7, "reader": 5}
NO_LEADS = 0.05
"""Share of what comes in that is spam and the like; it takes no part in the audit's shares."""
AUTOMATIC = 0.4
"""Of those not answered within the hour: share that first gets an automatic mail, which does not count."""
LATE_WORD = 0.35
"""Of those answered within a day: share that was answered in time, and the system that saw it tells late."""
SECOND_OWNER, THIRD_OWNER = 0.5, 0.35
"""Share of leads that the next owner answers at once when the ladder gives them the lead."""
HELPED_OUT, WAIVED, CALLED_IN = 0.05, 0.06, 0.05
"""Of those not answered within the hour: a colleague calls and claims the lead; the manager waives the promise; the
manager takes the lead back for whoever claims it."""
SLOT_TAKEN = 0.05
"""Of raised hands: share that picks a slot for a meeting at once."""
TAKEN_FIRST = 0.12
"""Of those answered within the hour: share whose owner accepts the lead before."""
GIVEN_BACK_UNSEEN = 0.1
"""Of those never answered."""
_MOVED_AFTER, _MOVED_AGAIN_AFTER = 1.25, 2.55
"""Hours: the promise, ten minutes, and the evidence lag; then the same again."""


def hour_seconds(minutes: float) -> float:
    """How long a shortened hour lasts."""
    return minutes * 60 / HOURS


def plan(seed: int, leads: int, minutes: float) -> list[Act]:
    """All acts in the order they are sent. The same arguments give the same script."""
    chance = Random(seed)  # noqa: S311  a script, no secret
    hour = timedelta(seconds=hour_seconds(minutes))
    acts: list[Act] = []
    for lead in range(1, leads + 1):
        acts += _written(Script(chance, lead, hour))
    end = hour * HOURS
    return sorted((act for act in acts if act.sent_after < end), key=lambda act: (act.sent_after, act.id))


def _written(script: Script) -> list[Act]:
    at = script.between(0, 0, CAPTURED_WITHIN)
    if script.happens(NO_LEADS):
        _no_lead(script, at)
    elif (handed_over_at := _arrive(script, at)) is not None:
        ask_while_waiting(script, handed_over_at)
        _react(script, handed_over_at)
    script.repeat_some()
    return script.acts


def _no_lead(script: Script, at: float) -> None:
    """Somebody fills in the form who will never buy; sales finds out, sooner or later."""
    script.event("lead.captured", at, cast.capture(script.chance, script.lead))
    reason, words = script.chance.choice(cast.NO_LEADS)
    script.event("lead.hand_raised", at, {"kind": "contact", "words": words})
    found_out = {"kind": "not_a_lead", "reason": reason}
    found_at = script.between(at, 0.2, BUSINESS_DAY + 2)
    script.either(0.4, "disqualify", "lead.disqualified", found_at, found_out, by=By.OWNER)


def _arrive(script: Script, at: float) -> float | None:
    """How the lead comes in; when it goes to sales, if it does."""
    captured = cast.capture(script.chance, script.lead)
    way = script.one_of(WAYS_IN)
    if way == "event":
        captured |= {"source": "trade_show", "campaign": "autumn_fair", "content": "booth_talk"}
    script.event("lead.captured", at, captured)
    if way == "raised":
        _raise_hand(script, at)
        return at
    if way == "event":
        script.event("lead.qualified", at + 0.05, {"reason": "met at the fair"})
        return at + 0.05
    content = captured["content"]
    script.event("lead.engaged", at + 0.1, {"kind": "content_downloaded", "content": content, "points": 20})
    if way == "reader":
        return None
    script.event("lead.engaged", at + 0.2, {"kind": "event_attended", "content": "webinar_speed", "points": 40})
    return at + 0.2


def _raise_hand(script: Script, at: float) -> None:
    takes_slot = script.happens(SLOT_TAKEN)
    kind = "meeting" if takes_slot else script.one_of(cast.RAISED)
    script.event("lead.hand_raised", at, {"kind": kind, "words": script.chance.choice(cast.WORDS)})
    if takes_slot:
        slot = {"meeting": f"slot-{script.lead}"}
        dates = {"at": at + 3, "ends_at": at + 3.5}
        script.event("lead.meeting_booked", at + 0.05, slot | {"self_booked": True}, dates=dates)
        script.event("lead.meeting_held", at + 3.6, slot, dates=dates, by=By.OWNER, when=When.TOUCHED)


def _react(script: Script, at: float) -> None:
    """How sales reacts to a lead it got at `at`, and what follows."""
    reaction = script.one_of(REACTIONS)
    if reaction == "within_an_hour":
        if script.happens(TAKEN_FIRST):
            script.command("accept", script.between(at, 0.03, 0.07), by=By.OWNER)
        _go_on(script, *reach_out(script, script.between(at, 0.08, 0.9)))
        return
    if script.happens(AUTOMATIC):
        mail = {"channel": "email", "mode": "sequence_auto"}
        script.event("lead.touched", script.between(at, 0.05, 0.3), mail, by=By.OWNER)
    if reaction == "within_a_day" and script.happens(LATE_WORD):
        told_at, happened_at = script.between(at, 1.3, 2.2), script.between(at, 0.4, 0.9)
        _go_on(script, *reach_out(script, told_at, By.FIRST_OWNER, happened=happened_at))
        return
    if reaction == "never" and script.happens(GIVEN_BACK_UNSEEN):
        script.event("lead.rejected", script.between(at, 0.3, 0.9), {"reason": "wrong_territory"}, by=By.OWNER)
    contacts = [contact] if (contact := _rescue(script, at)) else []
    if reaction != "never":
        within = (1.1, BUSINESS_DAY - 1) if reaction == "within_a_day" else (BUSINESS_DAY + 0.2, BUSINESS_DAY + 2.5)
        contacts.append(reach_out(script, script.between(at, *within), when=When.UNTOUCHED))
    if contacts:
        _go_on(script, *min(contacts))


def _go_on(script: Script, at: float, is_conversation: bool) -> None:  # noqa: FBT001  as `reach_out` answers
    ask_while_worked(script, at)
    go_on(script, at, is_conversation=is_conversation)


def _rescue(script: Script, at: float) -> tuple[float, bool] | None:
    """What others do about a lead that its owner lets lie: whoever the ladder gives it to, a colleague, the manager."""
    if script.happens(WAIVED):
        waived = {"clock": "first_touch", "reason": "trade show, all hands at the booth"}
        script.command("waive", script.between(at, 0.3, 0.9), waived, by=By.MANAGER, while_running="first_touch")
    if script.happens(HELPED_OUT):
        helped = reach_out(script, script.between(at, 0.3, 0.9), By.COLLEAGUE)
        script.command("claim", helped[0] + 0.1, by=By.COLLEAGUE, when=When.TOUCHED)
        return helped
    if script.happens(CALLED_IN):
        called_in = {"team": "sales", "reason": "the owner is at a customer's"}
        back = script.command("reassign", script.between(at, 0.2, 0.6), called_in, by=By.MANAGER)
        script.command("claim", at + 0.8, by=By.COLLEAGUE, follows=back)
        return reach_out(script, script.between(at, 0.9, 1.6), By.COLLEAGUE)
    if script.happens(SECOND_OWNER):
        return reach_out(script, script.between(at + _MOVED_AFTER, 0.1, 0.8), By.NEXT_OWNER)
    if script.happens(THIRD_OWNER):
        return reach_out(script, script.between(at + _MOVED_AGAIN_AFTER, 0.1, 0.8), By.NEXT_OWNER)
    return None
