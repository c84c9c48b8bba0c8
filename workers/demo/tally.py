"""The findings of a demo, counted: each number with what it is part of, and the leads it counts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from workers.demo.story import Story

Is = Callable[[Story], bool]
BECAME = ("kept", "broken", "waived", "let go", "running")
_IN, _ANSWERED, _DID, _WENT = "What came in", "How they were answered", "What Leadloop did", "How it went on"
_ALL, _LEADS, _SOLD, _PASSED = "captured", "that are leads", "handed to sales", "passed on"
_AMONG: dict[str, Is] = {
    _ALL: lambda _: True,
    _LEADS: lambda s: s.is_counted,
    _SOLD: lambda s: s.handed_over,
    _PASSED: lambda s: s.handed_over and s.passed_on,
}
"""What numbers are a part of."""
_RULES: tuple[tuple[str, str, str, Is, str], ...] = (
    (_IN, _ALL, "not a lead", lambda s: not s.is_counted, "spam, vendors, tests, found out by sales; in no other line"),
    (_IN, _ALL, "stuck", lambda s: s.is_stuck, "Leadloop cannot go on with them; 0 is what it should be"),
    (_IN, _LEADS, "with marketing", lambda s: not s.handed_over, "nobody of sales has had them"),
    (_IN, _LEADS, "handed to sales", lambda s: s.handed_over, "asked for contact, scored high, or met at a fair"),
    (_ANSWERED, _SOLD, "assigned", lambda s: s.assigned_after is not None, "have had an owner; half within {owner}"),
    (_ANSWERED, _SOLD, "in time", lambda s: s.in_time, "touched, no promise of a touch broken; {sum}"),
    (_ANSWERED, _SOLD, "late", lambda s: s.touched and s.is_late, "touched, a promise of a touch broken; {sum}"),
    (_ANSWERED, _SOLD, "untouched", lambda s: not s.touched, "nobody reached out; of the others half within {touch}"),
    (_ANSWERED, _SOLD, "automatic only", lambda s: s.automatic_only, "got mail from a sequence, which is no touch"),
    (_ANSWERED, _SOLD, "ignored", lambda s: s.ignored, "no touch by the horizon; this stays in the books"),
    (_DID, _SOLD, "warned", lambda s: s.warned, "the owner was reminded before the promise was due"),
    (_DID, _SOLD, "saved", lambda s: s.saved, "touched after a reminder or an alarm"),
    (_DID, _SOLD, "escalated", lambda s: s.escalated, "the channel or the manager heard, or the lead was moved"),
    (_DID, _SOLD, "reassigned", lambda s: s.reassigned, "given to a colleague, since the owner let them lie"),
    (_DID, _SOLD, "retracted", lambda s: s.retracted, "announced as broken, until late word showed a touch in time"),
    (_DID, _SOLD, "broken promise", lambda s: s.is_broken, "of any kind; which kinds is said below"),
    (_DID, _SOLD, "waived", lambda s: s.waived, "a manager let a promise go: it counts neither way"),
    (_DID, _SOLD, "claimed", lambda s: s.claimed, "a colleague took the lead over"),
    (_WENT, _SOLD, "under-worked", lambda s: s.under_worked, "given up as unreachable before the agreed attempts"),
    (_WENT, _SOLD, "given back", lambda s: s.given_back, "by a rep, each with a reason that has a consequence"),
    (_WENT, _SOLD, "asked again", lambda s: s.asked_again, "while they waited, while sales was at it, or as customers"),
    (_WENT, _SOLD, "came back", lambda s: s.re_inquired, "after it was over, or with marketing again"),
    (_WENT, _SOLD, "passed on", lambda s: s.passed_on, "by the rep to a closer: a hand-off of its own"),
    (_WENT, _PASSED, "passed on and won", lambda s: s.closer_won, "by the closer"),
    (_WENT, _PASSED, "returned", lambda s: s.returned, "by the closer to the rep who had passed it on"),
    (_WENT, _SOLD, "feedback asked", lambda s: s.feedback_asked, "after a return, or a win that is in the sample"),
    (_WENT, _SOLD, "feedback given", lambda s: s.feedback_given, "by whoever was asked"),
    (_WENT, _SOLD, "opportunities", lambda s: s.stage == "opportunity", "open deals now"),
    (_WENT, _SOLD, "won", lambda s: s.stage == "won", "closed deals"),
    (_WENT, _SOLD, "lost", lambda s: s.stage == "lost", "closed with a reason that marketing can read"),
)  # fmt: skip
"""Group, what it is a part of, name, which stories count, what it means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One number."""

    group: str
    name: str
    subjects: list[str]
    """The leads counted."""
    of: int | None
    """How many it is a part of; None for what is no part of anything."""
    of_what: str
    meaning: str

    @property
    def leads(self) -> int:
        return len(self.subjects)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the promises of one name."""

    name: str
    became: dict[str, int]
    broken: list[str]
    """Leads with a broken one."""

    @property
    def total(self) -> int:
        return sum(self.became.values())


def findings(stories: list[Story], hour_seconds: float) -> list[Finding]:
    """All numbers in the order in which they are told. What is no lead stands in the first line and its own."""
    among = {what: [story for story in stories if is_in(story)] for what, is_in in _AMONG.items()}
    sold = among[_SOLD]
    in_time, touched = sum(s.in_time for s in sold), sum(s.touched for s in sold)
    words = {
        "sum": f"{in_time:,} in time + {touched - in_time:,} late + {len(sold) - touched:,} untouched = {len(sold):,}",
        "owner": _seconds(seconds_to(stories, "assigned_after")),
        "touch": _hours(seconds_to(stories, "touched_after"), hour_seconds),
    }
    captured = Finding(_IN, _ALL, [s.subject for s in stories], None, "", "by a form, a campaign, a fair or a partner")
    return [captured] + [
        Finding(
            group, name, [s.subject for s in among[what] if is_it(s)], len(among[what]), what, meaning.format(**words)
        )
        for group, what, name, is_it, meaning in _RULES
    ]


def kept(stories: list[Story]) -> list[Kept]:
    """What became of all promises, name by name, of leads that are some."""
    counts: dict[str, Counter[str]] = {}
    broken: dict[str, list[str]] = {}
    for story in [s for s in stories if s.is_counted]:
        for promise in story.promises:
            counts.setdefault(promise.name, Counter())[promise.became] += 1
            if promise.became == "broken" and story.subject not in broken.setdefault(promise.name, []):
                broken[promise.name].append(story.subject)
    return [Kept(name, {word: n[word] for word in BECAME}, broken.get(name, [])) for name, n in sorted(counts.items())]


def seconds_to(stories: list[Story], name: str) -> float | None:
    """The median of a span of the leads handed to sales."""
    spans = [getattr(story, name) for story in stories if story.handed_over]
    known = [span.total_seconds() for span in spans if span is not None]
    return median(known) if known else None


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.2f} s"


def _hours(seconds: float | None, hour_seconds: float) -> str:
    return "–" if seconds is None else f"{seconds / hour_seconds:.1f} shortened hours"
