"""What a measurement says: figures, each as a ratio to a baseline measured in the same run, and what it should hold."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from math import nan
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number. Absolute ones are noise on a shared machine; `ratio` is what can be held to."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    """The same in the same run for the bare thing: a bare INSERT, a bare workflow, a bare timer."""
    at_least: float | None = None
    """A bound for the ratio where there is a baseline, else for the value."""
    at_most: float | None = None
    spread: tuple[float, float] | None = None
    """The least and the most ratio (or value) of the turns; `value` and `baseline` are of the median turn."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """None without a baseline. Beside nothing at all nothing is held."""
        if self.baseline is None:
            return None
        return self.value / self.baseline if self.baseline else nan

    @property
    def held(self) -> float:
        """What the bounds are for."""
        return self.value if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool | None:
        """None: nothing is promised of it."""
        if self.at_least is None and self.at_most is None:
            return None
        is_enough = self.at_least is None or self.held >= self.at_least
        return is_enough and (self.at_most is None or self.held <= self.at_most)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing to measure. Rows are listed in `tests.measures.__main__`; a new one is a new module and a new line."""

    name: str
    about: str
    measure: Callable[["Pace"], Awaitable[list[Figure]]]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long a run takes its time: `seconds` for each turn of a rate, and how many turns the median is of."""

    seconds: float = 2.0
    turns: int = 3
    is_quick: bool = False
    """Only to see that everything runs: the smallest sizes."""
