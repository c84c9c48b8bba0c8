"""What the templates of notices may name; every text of a stranger is cleaned here."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from activities import wording
from activities.wording import Times, clean_line
from leads.brief import Brief, Hearer

HELD_UP = timedelta(minutes=5)
"""A notice that leaves later than this after it was issued says so."""
NAME_LIMIT = 40


def facts_of(brief: Brief, hearer: Hearer, now: datetime, console_url: str | None) -> dict[str, Any]:
    """All of it, true at `now`. Without `console_url` there is no link."""
    times = Times(brief.timezone, now)
    team = clean_line(brief.team_name, NAME_LIMIT) or "the team"
    named = clean_line(brief.owner_name, NAME_LIMIT)
    owner = named or "nobody"
    whose = "your" if hearer.key == brief.owner else f"of {named or team}"
    owner_now = clean_line(brief.owner_now_name, NAME_LIMIT)
    command = "feedback" if brief.template == "feedback_asked" else "show"
    return {
        "hearer": clean_line(hearer.name, NAME_LIMIT),
        "because": _because(brief, hearer),
        "is_owner": hearer.key == brief.owner,
        "has_lead": hearer.key == brief.owner_now,
        "owner": owner,
        "owner_now": owner_now,
        "owner_was": clean_line(brief.owner_was_name, NAME_LIMIT) or "its owner",
        "is_moved": brief.owner != brief.owner_now,
        "team": team,
        "who": who_of(brief),
        "lead": _lead(brief, times),
        "promise": _promise(brief, times),
        "coming": [
            {
                "at": times.wall(step.at),
                "away": times.away(step.at),
                "act": wording.next_act(step, team, whose=whose, hearer_role=hearer.role),
            }
            for step in brief.coming
        ],
        "proof": wording.proof_of(brief.proof, times) if brief.proof else "",
        "held_up": times.wall(brief.issued_at) if times.is_later_by(brief.issued_at, HELD_UP) else "",
        "url": f"{console_url}/leads/{brief.lead_id}" if console_url else None,
        "command": f"leadloop lead {command} {brief.lead_id}",
    }


def who_of(brief: Brief, name_limit: int = 60, company_limit: int = 60) -> str:
    """The lead in a few words: name and company, as far as known."""
    name, company = clean_line(brief.prospect.name, name_limit), clean_line(brief.prospect.company, company_limit)
    if name and company:
        return f"{name} ({company})"
    return name or company or clean_line(brief.prospect.email, name_limit) or "a lead without a name"


def _lead(brief: Brief, times: Times) -> dict[str, Any]:
    prospect = brief.prospect
    phone = clean_line(prospect.phone, 40)
    email = clean_line(prospect.email)
    return {
        "name": clean_line(prospect.name),
        "company": clean_line(prospect.company),
        "email": email,
        "mailto": quote(email, safe="@+") if wording.is_address(email) else "",
        "phone": phone,
        "tel": "".join(sign for sign in phone if sign in "+0123456789"),
        "source": clean_line(prospect.source, 60),
        "campaign": clean_line(prospect.campaign, 60),
        "since": times.wall(prospect.captured_at) if prospect.captured_at else "",
        "asked_for": clean_line(wording.asked_for(prospect.raised_hand), 60),
        "asked_at": times.wall(prospect.raised_at) if prospect.raised_at else "",
        "words": wording.clean_words(prospect.words),
    }


def _promise(brief: Brief, times: Times) -> dict[str, Any] | None:
    promise = brief.promise
    if promise is None:
        return None
    return {
        "clock": promise.clock,
        "noun": wording.noun_of(promise.clock),
        "missing": wording.missing(promise.clock),
        "kept_by": wording.kept_by(promise.clock),
        "due": times.wall(promise.due_at),
        "away": times.away(promise.due_at),
        "is_past": times.is_past(promise.due_at),
        "is_running": promise.ended_at is None,
        "is_kept": promise.outcome == "met",
        "zone": times.zone,
    }


def _because(brief: Brief, hearer: Hearer) -> str:
    """Why this person hears, as the end of a sentence."""
    of = clean_line(hearer.of, NAME_LIMIT)
    if hearer.role == "owner":
        return "this is your lead" if hearer.key == brief.owner_now else "this concerns a lead you were given"
    return {
        "stand_in": f"you stand in for {of}",
        "deputy": f"you are the deputy of {of}",
        "manager": f"you manage {of}",
        "team_manager": f"you manage people in {of}",
        "team": f"you are in {of}",
        "channel": f"this is the channel of {of}",
        "sponsor": f"you are the sponsor of {of}",
    }.get(hearer.role, "the playbook names you")
