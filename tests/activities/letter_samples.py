"""A brief to change at will, and letters written from it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from activities.letters import Letter, Letters
from leads.brief import Brief, Coming, Corrected, Hearer, PromiseBrief, Proof, Prospect
from tests.desk import LEAD, NOON, PERSONAL, WORDS

ACTION = UUID("02900000-0000-7000-8000-000000000002")
BREACH = UUID("02900000-0000-7000-8000-000000000003")
ANA = Hearer(key="ana", role="owner", name="Ana Example", of="Ana Example", email="ana@sales.example")
MIRA = Hearer(key="mira", role="manager", name="Mira Manager", of="Ana Example", email="mira@sales.example")
CHANNEL = Hearer(key="channel:sales", role="channel", name="Sales", of="Sales")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


DUE_SOON = PromiseBrief(clock="first_touch", due_at=NOON + minutes(7))
OVERDUE = PromiseBrief(clock="first_touch", due_at=NOON - minutes(3))
KEPT = replace(OVERDUE, ended_at=NOON - minutes(5), outcome="met")
PROOF = Proof(at=NOON - minutes(5), heard_at=NOON, channel="call", by="Ana Example")
CORRECTED = Corrected(
    action_id=BREACH, template="breach", issued_at=NOON - minutes(3), told=("ana", "mira", "channel:sales")
)


def brief(template: str = "warning", **changes: Any) -> Brief:
    """Of Jane Doe, who asked for a demo at 11:52 UTC, in Berlin's summer; Ana has the lead until somebody acts."""
    return replace(
        Brief(
            action_id=ACTION,
            lead_id=LEAD,
            template=template,
            issued_at=NOON,
            timezone="Europe/Berlin",
            prospect=Prospect(
                **PERSONAL,
                source="website",
                campaign="spring",
                captured_at=NOON - minutes(8),
                raised_hand="demo",
                raised_at=NOON - minutes(8),
                words=WORDS,
            ),
            hearers=(ANA,),
            promise=DUE_SOON,
            coming=(Coming(NOON + minutes(17), ("reassign",)), Coming(NOON + minutes(67), ("manager",))),
            owner="ana",
            owner_name="Ana Example",
            owner_now="ana",
            owner_now_name="Ana Example",
            team_name="Sales",
        ),
        **changes,
    )


def letter(template: str = "warning", hearer: Hearer = ANA, late: float = 0, **changes: Any) -> Letter:
    """Sent `late` minutes after it was issued."""
    return Letters("https://leads.example/", "leadloop.example").write(
        brief(template, **changes), hearer, NOON + minutes(late)
    )
