"""From a first touch on: attempts until somebody is reached or given up, and what comes of a conversation."""

from typing import Any

from workers.demo.coming_back import ask_afterwards, recycle
from workers.demo.dealing import meet
from workers.demo.script import By, Script, When

CONNECTED, CONNECTED_LATER = 0.4, 0.3
"""Share of calls that reach someone: the first one, a later one."""
WRITES = 0.35
"""Share of first touches that are mails."""
TOLD_BY_HAND = 0.12
"""Share of first touches that the rep writes down by a command, since no system saw them."""
WRITES_BACK = 0.25
"""Share of buyers who answer an attempt by themselves."""
EFFORT = 8
"""Attempts that the default playbook asks for at most, before a lead may be given up as not to be reached."""
PATIENCE = {"keeps trying": 50, "gives up early": 28, "lets it lie": 22}
ANSWERS = {"in time": 60, "late": 20, "never": 20}
"""How sales answers a buyer who wrote."""
OUTCOMES = {
    "meeting": 54, "given back": 12, "a date": 8, "recycled": 11, "called back": 5, "snoozed": 4, "no next step": 6
}  # fmt: skip
"""What comes of a conversation."""
REASONS = {
    "no_fit": 25, "no_budget": 25, "no_need": 20, "competitor": 8, "wrong_territory": 8, "duplicate": 8, "bad_data": 6
}  # fmt: skip
STEP_WAIVED = 0.35
"""Of conversations without a next step: share whose promise the manager waives."""
_CHANNELS = ("call", "email", "call", "message")


def reach_out(
    script: Script, at: float, by: By = By.OWNER, *, happened: float | None = None, when: When = When.ALWAYS
) -> tuple[float, bool]:
    """A first touch. When it is known, and whether it was a conversation."""
    is_mail = script.happens(WRITES) and happened is None
    connected = not is_mail and script.happens(CONNECTED)
    data: dict[str, Any] = {"channel": "call", "connected": connected}
    if is_mail:
        data = {"channel": "email"}
    elif connected:
        data["duration_seconds"] = script.chance.randint(40, 900)
    if happened is not None:
        script.event("lead.touched", at, data, by=by, happened=happened)
    elif script.happens(TOLD_BY_HAND):
        script.command("touch", at, data, by=by, when=when)
    else:
        mode = {"mode": script.chance.choice(("manual", "sequence_manual"))} if is_mail else {}
        script.event("lead.touched", at, data | mode, by=by, when=when)
    return at, connected


def go_on(script: Script, at: float, *, is_conversation: bool) -> None:
    """What follows a first touch."""
    if is_conversation:
        talk(script, at)
    elif script.happens(WRITES_BACK):
        wrote_at = script.between(at, 0.3, 1.5)
        script.event("lead.replied", wrote_at, {"channel": "email"}, when=When.TOUCHED)
        answered_at = answer(script, wrote_at)
        if answered_at is not None:
            talk(script, answered_at)
    else:
        _try_on(script, at, script.one_of(PATIENCE))


def answer(script: Script, at: float) -> float | None:
    """Sales answers a buyer who wrote or asked at `at`; when, if it does. Four hours are promised."""
    how = script.one_of(ANSWERS)
    if how == "never":
        return None
    answered_at = script.between(at, 0.3, 2.5) if how == "in time" else script.between(at, 4.3, 6)
    mail = {"channel": "email", "connected": True}
    script.event("lead.touched", answered_at, mail, by=By.OWNER, when=When.TOUCHED)
    return answered_at


def _try_on(script: Script, at: float, patience: str) -> None:
    """Attempt after attempt. `unable_to_reach` is for those who made the agreed effort; some say so too early."""
    if patience == "lets it lie":
        return
    tries = EFFORT - 1 if patience == "keeps trying" else script.chance.randint(0, 2)
    for number in range(tries):
        at = script.between(at, 0.45, 1.1)
        if _attempt(script, at, _CHANNELS[number % len(_CHANNELS)]):
            talk(script, at)
            return
    at = script.between(at, 0.2, 0.6)
    asks = patience == "keeps trying" or script.happens(0.4)
    gone = {"reason": "unable_to_reach"}
    if asks:  # as a command it is weighed, and refused when it comes too early
        script.command("recycle", at, gone, by=By.OWNER, when=When.TOUCHED)
    else:  # told by another system it is accepted, and marked
        script.event("lead.rejected", at, gone, by=By.OWNER, when=When.TOUCHED)
    if asks and patience == "gives up early" and _attempt(script, script.between(at, 0.3, 1), "call"):
        talk(script, at + 1)


def _attempt(script: Script, at: float, channel: str) -> bool:
    """Another attempt; whether it reached somebody."""
    connected = channel == "call" and script.happens(CONNECTED_LATER)
    _touch(script, at, {"channel": channel, "connected": connected})
    return connected


def _touch(script: Script, at: float, data: dict[str, Any], **dates: float) -> None:
    script.event("lead.touched", at, data, by=By.OWNER, when=When.TOUCHED, dates=dates)


def talk(script: Script, at: float) -> None:
    """What comes of a conversation."""
    match script.one_of(OUTCOMES):
        case "meeting":
            meet(script, script.between(at, 0.1, 0.5))
        case "given back":
            reason = {"reason": script.one_of(REASONS)}
            given_at = script.between(at, 0.3, 1.5)
            back = script.either(0.3, "reject", "lead.rejected", given_at, reason, by=By.OWNER, when=When.TOUCHED)
            ask_afterwards(script, given_at, back)
        case "a date":
            date = script.between(at, 2, 4)
            _touch(script, at + 0.1, {"channel": "email"}, next_step_at=date)
            _keep_date(script, date)
        case "called back":
            date = script.between(at, 1.5, 3)
            agreed = {"reason": "bad_timing"}
            script.command("callback", at + 0.1, agreed, by=By.OWNER, when=When.TOUCHED, dates={"at": date})
            _keep_date(script, date)
        case "snoozed":
            date = script.between(at, 1.5, 3)
            away = {"reason": "on holiday"}
            script.either(
                0.5, "snooze", "lead.snoozed", at + 0.1, away, by=By.OWNER, when=When.TOUCHED, dates={"until": date}
            )
            _keep_date(script, date)
        case "recycled":
            recycle(script, script.between(at, 0.2, 0.8))
        case _ if script.happens(STEP_WAIVED):
            waived = {"clock": "next_step", "reason": "the buyer moves offices this week"}
            waived_at = script.between(at, 2, 7)
            script.command("waive", waived_at, waived, by=By.MANAGER, while_running="next_step")


def _keep_date(script: Script, date: float) -> None:
    """Two of three remember the date agreed; half of those get a meeting."""
    if script.happens(2 / 3):
        kept_at = script.between(date, 0.05, 0.8)
        _touch(script, kept_at, {"channel": "call", "connected": True, "duration_seconds": 240})
        if script.happens(0.5):
            meet(script, script.between(kept_at, 0.1, 0.4))
