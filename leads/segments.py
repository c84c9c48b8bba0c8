"""Which segment a lead is in: what the playbook's conditions may ask about, and which answers stand."""

from leads.playbook import Segment
from leads.revisions import Revision
from leads.state import HandOff, Lead


def segment_facts(lead: Lead) -> dict[str, object]:
    """What the conditions of the playbook may ask about."""
    attributes = lead.profile.get("attributes") or {}
    return {
        **lead.profile,
        **{f"attributes.{name}": value for name, value in attributes.items()},
        "source_original": lead.source_original,
        "raised_hand": lead.raised_hand,
        "score": lead.score,
        "stage": lead.stage,
        "backfill": lead.backfill,
        "list": lead.waits_in,
        **_account_facts(lead),
    }


def _account_facts(lead: Lead) -> dict[str, object]:
    account = lead.account
    if account is None:
        return {}
    return {
        "account_type": account.type,
        "account_named": account.named,
        "account_owner": account.owner,
        "account_open_opportunity_owner": account.open_opportunity_owner,
    }


def segment_of(lead: Lead, revision: Revision, hand_off: HandOff | None) -> Segment:
    """The segment of a hand-off, as it was when it was opened; of a lead without one, as things stand."""
    return revision.playbook.segment(hand_off.segment) if hand_off else revision.select(segment_facts(lead))
