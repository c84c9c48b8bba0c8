"""What became of one lead, in the words that the findings are counted in."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a lead and what became of it: kept, broken, waived, let go or running."""

    name: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of one lead. What is said of answering is of the first time it was with sales."""

    subject: str
    stage: str
    is_counted: bool
    """False: spam and the like, which stands in no number but its own."""
    is_stuck: bool
    """An event of it cannot be read; nothing here says how it ends."""
    handed_over_at: datetime | None
    assigned_after: timedelta | None
    """Machine time: from hand-over to an owner."""
    touched_after: timedelta | None
    """Human time: from hand-over to the first real touch."""
    is_late: bool
    """A promise of a touch was broken, and still stands as broken."""
    warned: bool
    retracted: bool
    """Announced as broken, until late word proved it false."""
    escalated: bool
    reassigned: bool
    """Moved on by a ladder."""
    saved: bool
    """Touched after a reminder or an alarm."""
    ignored: bool
    automatic_only: bool
    """Got mail from a sequence, and no person."""
    waived: bool
    claimed: bool
    under_worked: bool
    given_back: bool
    """By a rep to marketing."""
    asked_again: bool
    re_inquired: bool
    """Came back after it had ended or been given back."""
    passed_on: bool
    closer_won: bool
    returned: bool
    """By a closer to the rep."""
    feedback_asked: bool
    feedback_given: bool
    promises: tuple[Promise, ...]

    @property
    def handed_over(self) -> bool:
        return self.is_counted and self.handed_over_at is not None

    @property
    def touched(self) -> bool:
        return self.touched_after is not None

    @property
    def in_time(self) -> bool:
        return self.touched and not self.is_late

    @property
    def is_broken(self) -> bool:
        """Whether a promise of any kind was broken."""
        return any(promise.became == "broken" for promise in self.promises)
