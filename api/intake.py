"""The events of one request on their way into the journal: which are kept, which are refused and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from api.decode import Decoded, EventProblem, ProblemCode
from api.dependencies import Journal
from api.problems import EventsConflict, EventsForbidden, InvalidEvents, Problem
from storage.new_event import EventConflict, EventKey, NewEvent, Receipt, UnstorableEventError

_MAX_TRIES = 4
_CONFLICT = "accepted before with other content: an event that changed needs a new id"
_UNSTORABLE = "data holds a character or a number that cannot be stored"


class Intake:
    """Starts with what decoding found; the journal's refusals are added."""

    def __init__(self, decoded: Decoded) -> None:
        self._types = decoded.types
        self._kept: list[tuple[int, NewEvent]] = decoded.events
        self.problems: list[EventProblem] = list(decoded.problems)
        self.receipts: list[Receipt] = []
        """One for each event stored, in the order sent."""

    async def store(self, journal: Journal, recorded_at: datetime, *, partial: bool) -> None:
        """Store all events, or with `partial` those that can be. Raises a `Problem` where none was stored."""
        if self.problems and not (partial and self._kept):
            raise refusal(self.problems)
        for _ in range(_MAX_TRIES if partial else 1):
            try:
                self.receipts = await journal.append([event for _, event in self._kept], recorded_at)
            except EventConflict as conflict:
                self._leave_out(conflict.events, ProblemCode.CONFLICT, _CONFLICT)
            except UnstorableEventError as error:
                self._leave_out(error.events, ProblemCode.UNFIT_VALUE, _UNSTORABLE)
            else:
                return
            if not self._kept:
                break
        raise refusal(self.problems)

    def results(self) -> Iterator[tuple[str, str]]:
        """(type, result) of every event in the request, for counting."""
        refused = {problem.index: problem.code for problem in self.problems}
        stored = {index: receipt for (index, _), receipt in zip(self._kept, self.receipts, strict=False)}
        for index, event_type in enumerate(self._types):
            if index in refused:
                yield event_type, "conflict" if refused[index] is ProblemCode.CONFLICT else "invalid"
            elif index in stored:
                yield event_type, "duplicate" if stored[index].duplicate else "accepted"
            else:
                yield event_type, "withheld"

    def _leave_out(self, keys: Sequence[EventKey], code: ProblemCode, detail: str) -> None:
        named = set(keys)
        for index, event in self._kept:
            if event.key in named:
                pointer = "/id" if code is ProblemCode.CONFLICT else "/data"
                self.problems.append(EventProblem(index=index, id=event.id, code=code, detail=detail, pointer=pointer))
        self._kept = [(index, event) for index, event in self._kept if event.key not in named]


def refusal(problems: Sequence[EventProblem]) -> Problem:
    """The answer where nothing was stored: what is wrong with the events decides its status."""
    codes = {problem.code for problem in problems}
    events = [problem.model_dump(mode="json") for problem in sorted(problems, key=lambda problem: problem.index)]
    if codes == {ProblemCode.CONFLICT}:
        return EventsConflict("Nothing was stored: send what changed under new ids.", events=events)
    if codes == {ProblemCode.SOURCE_NOT_ALLOWED}:
        return EventsForbidden("Nothing was stored: use a key that may speak for these sources.", events=events)
    return InvalidEvents("Nothing was stored: events says why; partial=true stores the valid ones.", events=events)
