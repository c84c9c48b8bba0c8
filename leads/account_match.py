"""Whether a lead belongs to an account that is known: asked when its company becomes known, or the account changes.

The answer comes from elsewhere, so it stands in the lead's journal as a fact of its own, dated when the key became
known by which the account was found: what follows at that instant, a raised hand, finds it there.
"""

from collections.abc import Collection, Generator, Mapping
from typing import Any

from leads.accounts import AccountFacts, AskAccount
from leads.companies import company_keys
from leads.entries import Book, Entry, Kind
from leads.events import LeadLinked, Profile
from leads.posted import ACCOUNTS_SOURCE, AccountMatched
from leads.revisions import Shelf
from leads.state import Lead

CHANGED = "account.changed"
_CAPTURED = "lead.captured"
_TELLING = frozenset({_CAPTURED, "lead.updated", "lead.linked", CHANGED})
"""Types of facts after which the answer may be another."""

AskJournalToo = Generator[Any, Any, Entry | None]


def met_account(lead: Lead, fresh: Collection[Entry], shelf: Shelf, journal: Any) -> AskJournalToo:
    """The entry to be folded with `fresh`, if what is known of the lead's account becomes another.

    `journal` is the question for what is stored: a lead that is captured only now may have been told of before.
    """
    telling = [entry for entry in fresh if entry.type in _TELLING]
    is_captured = lead.captured_at is not None or any(entry.type == _CAPTURED for entry in telling)
    if not telling or not is_captured:
        return None
    if lead.captured_at is None and lead.entries:
        stored: list[Entry] = yield journal
        telling += [entry for entry in stored if entry.type in _TELLING]
    telling.sort(key=lambda entry: entry.sort_key)
    latest = telling[-1]
    is_free_mail = shelf.in_force(latest.effective_at).playbook.accounts.free_mail.domains
    profile, first_by = dict(lead.profile), dict[str, Entry]()
    for key in company_keys(profile, is_free_mail):
        first_by[key] = latest
    for entry in telling:
        profile |= _said(entry.data)
        for key in company_keys(profile, is_free_mail):
            first_by.setdefault(key, entry)
    keys = company_keys(profile, is_free_mail)
    found: AccountFacts | None = (yield AskAccount(keys)) if keys else None
    known = lead.account or AccountFacts()
    if (found or AccountFacts()) == known:
        return None
    cause = first_by.get(found.key or "", latest) if found else latest
    return _entry(lead, cause, latest, found or AccountFacts())


def _said(data: Any) -> Mapping[str, Any]:
    if isinstance(data, LeadLinked):
        return {"account": data.account} if data.account else {}
    if isinstance(data, Profile):
        return data.model_dump(exclude_none=True, include={"domain", "email"})
    return {}


def _entry(lead: Lead, cause: Entry, latest: Entry, found: AccountFacts) -> Entry:
    return Entry(
        kind=Kind.FACT,
        type="account.matched",
        effective_at=cause.effective_at,
        source=ACCOUNTS_SOURCE,
        id=f"matched:{latest.ref}",
        data=AccountMatched.model_validate(found.model_dump()),
        recorded_at=latest.recorded_at,
        book=Book.OWN,
        number=lead.own_number + 1,
        backfill=cause.backfill,
    )
