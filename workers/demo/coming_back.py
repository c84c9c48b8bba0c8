"""Buyers who come back: while they wait, while sales is at it, as customers, and after they were given back."""

from workers.demo import cast
from workers.demo.script import By, Script, When

WAITING, WORKED, DEALING, CUSTOMER, AFTERWARDS = 0.05, 0.07, 0.1, 0.15, 0.25
"""Share of leads that raise a hand again before anyone has reached out, while they are worked, while there is an
opportunity, after they have bought, after sales gave them back or lost them."""
ANSWERED = 0.7
"""Share of those who are answered in time."""
RETURNS = {"asks": 45, "reads on": 35, "rests": 20}
"""What becomes of a lead that was given back to marketing."""
REST_REASONS = ("no_budget", "no_need", "chose_other", "bad_timing")


def ask_while_waiting(script: Script, at: float) -> None:
    """The same promises; the buyer has only lost patience."""
    if script.happens(WAITING):
        _ask(script, script.between(at, 0.1, 0.6), When.UNTOUCHED)


def ask_while_worked(script: Script, at: float) -> None:
    """An answer is owed by whoever is at it."""
    if script.happens(WORKED):
        asked_at = script.between(at, 0.4, 1.5)
        _ask(script, asked_at, When.TOUCHED)
        _answer(script, asked_at)


def ask_while_dealing(script: Script, at: float) -> None:
    if script.happens(DEALING):
        asked_at = script.between(at, 0.2, 0.7)
        _ask(script, asked_at, When.TOUCHED)
        _answer(script, asked_at)


def ask_as_customer(script: Script, at: float, won: str) -> None:
    """A customer asks: no new lead, and an answer is owed all the same."""
    if script.happens(CUSTOMER):
        asked_at = script.between(at, 0.2, 0.8)
        _ask(script, asked_at, When.TOUCHED, follows=won)
        _answer(script, asked_at)


def ask_afterwards(script: Script, at: float, ended: str) -> None:
    """It was over, and the buyer asks: with marketing, ruled out or lost, they go to sales again."""
    if script.happens(AFTERWARDS):
        asked_at = script.between(at, 0.6, 2.5)
        _ask(script, asked_at, When.TOUCHED, follows=ended)
        _answer(script, asked_at)


def recycle(script: Script, at: float) -> None:
    """Given back to marketing until a date; some ask before that, some read on and qualify anew, most rest."""
    wake_at = script.between(at, 1.5, 3)
    reason = {"reason": script.chance.choice(REST_REASONS)}
    gone = script.either(
        0.4, "recycle", "lead.recycled", at, reason, by=By.OWNER, when=When.TOUCHED, dates={"wake_at": wake_at}
    )
    match script.one_of(RETURNS):
        case "asks":
            asked_at = script.between(at, 0.5, 2)
            _ask(script, asked_at, When.TOUCHED, follows=gone)
            _answer(script, asked_at)
        case "reads on":
            read_at = script.between(wake_at, 0.2, 1)
            read = {"kind": "content_downloaded", "content": "guide_ten_numbers", "points": 60}
            script.event("lead.engaged", read_at, read, follows=gone)
            _answer(script, read_at)


def _ask(script: Script, at: float, when: When, *, follows: str | None = None) -> None:
    raised = {"kind": script.one_of(cast.RAISED), "words": script.chance.choice(cast.WORDS)}
    script.event("lead.hand_raised", at, raised, when=when, follows=follows)


def _answer(script: Script, at: float) -> None:
    if script.happens(ANSWERED):
        call = {"channel": "call", "connected": True, "duration_seconds": 180}
        script.event("lead.touched", script.between(at, 0.2, 0.8), call, by=By.OWNER, when=When.TOUCHED)
