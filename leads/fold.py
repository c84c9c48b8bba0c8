"""State is the fold of the journal: facts, granted commands and decisions, in the order of their sort keys.

`fold` appends to a state what lies after everything it holds; `refold` makes a new one from the whole journal. Both end
the same, whatever the order of arrival. Facts about a lead not captured yet wait for the capture, which comes first.
"""

from collections.abc import Iterable, Iterator, Mapping

from leads.adopting import ADOPTING
from leads.chosen import CHOSEN
from leads.clocks import namespaced
from leads.decisions import DECISIONS
from leads.entries import Book, Entry, Kind, SortKey
from leads.facts import FACTS, Handler
from leads.in_list import arrived, settle
from leads.life import Happening, Life
from leads.obeyed import OBEYED
from leads.posted import POSTED
from leads.revisions import Shelf
from leads.state import RULES_VERSION, Lead

_CAPTURED = "lead.captured"


def fits(lead: Lead, fresh: Iterable[Entry]) -> bool:
    """Whether fresh entries can simply be appended; otherwise the whole journal must be folded again."""
    if lead.rules_version != RULES_VERSION:
        return False
    if lead.captured_at is None:  # what waits for its capture is only counted, in any order
        return lead.entries == 0 or all(entry.type != _CAPTURED for entry in fresh)
    return lead.last_key is None or all(entry.sort_key > lead.last_key for entry in fresh)


def refold(lead_id: str, journal: Iterable[Entry], shelf: Shelf) -> tuple[Lead, list[Happening]]:
    """A new state from the whole journal, and its whole timeline."""
    lead = Lead(lead_id)
    return lead, fold(lead, journal, shelf)


def fold(lead: Lead, entries: Iterable[Entry], shelf: Shelf) -> list[Happening]:
    """Apply entries that lie after everything folded so far (`fits`). Returns what there is to tell of them.

    Raises whatever a handler raises on an entry it cannot digest; the state is then of no use and must be dropped.
    """
    ordered = in_order(entries, captured=lead.captured_at is not None)
    life = Life(lead, shelf, named=frozenset(_named_by(ordered.values())))
    for key, entry in ordered.items():
        _apply(life, key, entry)
    return life.told


def _named_by(entries: Iterable[Entry]) -> Iterator[str]:
    """The causes that decisions among these go by."""
    for entry in entries:
        if entry.kind is _DECISION:
            for name in _NAMING.get(entry.type, ()):
                word = getattr(entry.data, name)
                if word:
                    yield namespaced(word)


def in_order(entries: Iterable[Entry], *, captured: bool) -> dict[SortKey, Entry]:
    """Entries as they count, each once. On a lead not `captured` yet the first capture comes before all else."""
    by_key = {entry.sort_key: entry for entry in entries}
    keys = sorted(by_key)
    if not captured:
        first = next((i for i, key in enumerate(keys) if by_key[key].type == _CAPTURED), None)
        if first:
            keys.insert(0, keys.pop(first))
    return {key: by_key[key] for key in keys}


def _apply(life: Life, key: SortKey, entry: Entry) -> None:
    lead, kind = life.lead, entry.kind
    _count(lead, key, entry)
    name = _NAMES[kind]
    life.tell(name, entry.effective_at, f"{name}:{entry.ref}", type=entry.type, book=entry.book, number=entry.number)
    if lead.captured_at is None and entry.type != _CAPTURED:
        return
    if lead.is_history and not entry.backfill and kind is not _DECISION and entry.type not in POSTED:
        lead.is_history = False
    handler = _HANDLERS[kind].get(entry.type)
    if handler is None:
        return
    if lead.waits_in is None:
        handler(life, entry, entry.data)
    else:
        handler(life, arrived(lead, entry), entry.data)
        settle(life, entry)


def _count(lead: Lead, key: SortKey, entry: Entry) -> None:
    lead.entries += 1
    if entry.book is _MAIL:
        lead.read_to = max(lead.read_to, entry.number)
    else:
        lead.own_number = max(lead.own_number, entry.number)
    if lead.first_heard_at is None or entry.effective_at < lead.first_heard_at:
        lead.first_heard_at = entry.effective_at
    if lead.last_key is None or key > lead.last_key:
        lead.last_key = key


# by the number of the kind: a tuple is half the cost of a dictionary of enum members, and this runs for every entry
_NAMES = ("fact", "command", "decision")
_HANDLERS: tuple[Mapping[str, Handler], ...] = (FACTS | ADOPTING, OBEYED, CHOSEN)
_DECISION, _MAIL = Kind.DECISION, Book.MAIL
_NAMING = {
    name: tuple(field for field in ("hand_off", "clock", "about") if field in model.model_fields)
    for name, model in DECISIONS.items()
}
"""Decision → its fields that hold a cause. Asking a model for a field it lacks costs more than the rest of a fold."""
