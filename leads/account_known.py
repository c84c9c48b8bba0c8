"""What a lead's account does to it: its segment goes by it, and while nobody has reached out, its owner too."""

from leads.accounts import AccountFacts
from leads.entries import Entry
from leads.hand_offs import into_segment
from leads.life import Life
from leads.posted import AccountMatched


def account_matched(life: Life, entry: Entry, data: AccountMatched) -> None:
    """The lead is found to belong to an account, to another, to none; or its account has changed."""
    lead, hand_off = life.lead, life.lead.hand_off
    known = AccountFacts.model_validate(data.model_dump(include=set(AccountFacts.model_fields)))
    lead.account = known if known.account else None
    if hand_off is None or hand_off.is_inside_sales or hand_off.looked_after_at is not None:
        return
    into_segment(life, entry, hand_off)
    hand_off.account_word = entry.ref
