"""What goes wrong in a trial, and when: drawn from a seed, every kind at least once before any comes again."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

PARTS = ("api", "courier", "observer", "worker", "temporal", "postgres")


GIVEN_UP_SECONDS = 45.0
"""After so long another worker has all that one had in hand; then the first goes on where it stood."""


class Kind(StrEnum):
    KILL = "kill -9"
    PAUSE = "pause"
    CROWD = "fill the connections"
    MAIL_AWAY = "mail server away"
    MAIL_HANGS = "mail server hangs"
    MAIL_HANGS_OVER_DATA = "mail server takes letters and hangs"
    MAIL_LOSES_ANSWERS = "mail server takes letters and hangs up"
    MAIL_REFUSES = "mail server answers 451"


MAIL = tuple(kind for kind in Kind if kind.startswith("mail"))


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, to one or several parts at once, for so long; a kill ends when the part is back."""

    kind: Kind
    parts: tuple[str, ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        whom = f" {' and '.join(self.parts)}" if self.parts else ""
        return f"{self.kind}{whom}" + (f" for {self.seconds:.1f} s" if self.seconds else "")


@dataclass(frozen=True)
class Lane:
    """Faults of one lane come one after the other; those of another lane come meanwhile."""

    faults: tuple[Fault, ...]
    rests_seconds: tuple[float, ...]
    """Before each of them."""


def processes(rng: random.Random, *, longest_seconds: float) -> Iterator[Fault]:
    """One round: every part killed and paused, some two at once, in any order."""
    pairs = [pair for pair in combinations(PARTS, 2) if rng.random() < 0.2]  # two of the ten, about
    round_ = [Fault(Kind.KILL, (part,)) for part in PARTS]
    round_ += [Fault(Kind.PAUSE, (part,), rng.uniform(longest_seconds / 4, longest_seconds)) for part in PARTS]
    round_ += [Fault(Kind.KILL, pair) for pair in pairs]
    rng.shuffle(round_)
    yield from round_


def each_once(rng: random.Random, *, longest_seconds: float) -> Iterator[Fault]:
    """A small round: every part killed or paused."""
    kills = rng.sample(PARTS, 3)
    for part in rng.sample(PARTS, len(PARTS)):
        if part in kills:
            yield Fault(Kind.KILL, (part,))
        else:
            yield Fault(Kind.PAUSE, (part,), rng.uniform(longest_seconds / 4, longest_seconds))


def surroundings(rng: random.Random, *, longest_seconds: float) -> Iterator[Fault]:
    """One round: what is around the parts is crowded, away or slow, in any order."""
    round_ = [Fault(kind, (), rng.uniform(longest_seconds / 4, longest_seconds)) for kind in (Kind.CROWD, *MAIL)]
    rng.shuffle(round_)
    yield from round_


def many(rng: random.Random, *, rounds: int, longest_seconds: float) -> tuple[Lane, Lane]:
    """Both lanes of a long trial; whoever runs them stops when the time is over."""
    parts = [fault for _ in range(rounds) for fault in processes(rng, longest_seconds=longest_seconds)]
    parts.insert(rng.randrange(8), Fault(Kind.PAUSE, ("worker",), GIVEN_UP_SECONDS))
    around = [fault for _ in range(rounds) for fault in surroundings(rng, longest_seconds=longest_seconds)]
    return _lane(rng, parts, 4), _lane(rng, around, 4)


def few(rng: random.Random, *, longest_seconds: float) -> tuple[Lane, Lane]:
    """Both lanes of a short trial, with little rest."""
    parts = list(each_once(rng, longest_seconds=longest_seconds))
    around = list(surroundings(rng, longest_seconds=longest_seconds))
    return _lane(rng, parts, 0.5), _lane(rng, around, 0.5)


def _lane(rng: random.Random, faults: Sequence[Fault], longest_rest_seconds: float) -> Lane:
    return Lane(tuple(faults), tuple(rng.uniform(0, longest_rest_seconds) for _ in faults))
