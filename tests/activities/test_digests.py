"""A digest as a person reads it: what is most urgent, of whom, and where to go."""

from typing import Any
from uuid import UUID

import pytest

from activities.digests import Digests
from activities.integrations.smtp import compose
from activities.letters import Letter, Letters
from activities.wording import SUBJECT_LIMIT
from leads.brief import Brief, Claim, Prospect, Standing
from leads.post import Parcel
from tests.activities.letter_samples import ANA, CORRECTED, KEPT, OVERDUE, PROOF, brief
from tests.activities.test_hostile_letters import HOSTILE, LINE, OVERRIDE
from tests.desk import LEAD, NOON

DIGEST = UUID("02900000-0000-7000-8000-0000000000d1")


def digest(*notices: Brief, more: int = 0, url: str | None = "https://leads.example") -> Letter:
    claims = tuple(Claim(Standing.GRANTED, UUID(int=number + 1), 1) for number in range(len(notices) + more))
    parcel = Parcel(letter_id=DIGEST, hearer=ANA, notices=notices, claims=claims, more=more)
    return Digests(Letters(url, "leadloop.example")).write(parcel, NOON)


def retraction() -> Brief:
    return brief("retraction", promise=KEPT, corrected=(CORRECTED,), proof=PROOF)


def of(name: str, template: str, **changes: Any) -> Brief:
    return brief(template, prospect=Prospect(name=name), **changes)


def test_a_digest_tells_of_each_notice_in_a_few_lines() -> None:
    written = digest(retraction(), of("Bo", "breach", promise=OVERDUE), of("Cy", "assigned"))

    assert written.subject == "3 notices: 1 false alarm, 1 overdue, 1 new lead"
    assert (
        written.text.partition("\n--")[0]
        == f"""\
Hello Ana Example,

3 notices have come up for you since Mon 1 Jun, 14:00 CEST. The most urgent come first.

1. False alarm: Jane Doe (Acme GmbH)
   Jane Doe (Acme GmbH), +49 30 123456, jane@acme.example
   Ana Example called at Mon 1 Jun, 13:55 CEST; word of it came only at Mon 1 Jun, 14:00 CEST.
   https://leads.example/leads/{LEAD}
   leadloop lead show {LEAD}

2. First touch overdue since 13:57 CEST: Bo
   Bo
   First touch was due 3 minutes ago: Mon 1 Jun, 13:57 CEST.
   https://leads.example/leads/{LEAD}
   leadloop lead show {LEAD}

3. Your lead: Cy, first touch by 14:07 CEST
   Cy
   First touch is due in 7 minutes: Mon 1 Jun, 14:07 CEST.
   https://leads.example/leads/{LEAD}
   leadloop lead show {LEAD}
"""
    )
    for html_too in ("Bo", f'href="https://leads.example/leads/{LEAD}"', f"leadloop lead show {LEAD}"):
        assert html_too in written.html


def test_what_is_not_spelt_out_is_counted() -> None:
    written = digest(of("Bo", "assigned"), more=12)

    assert written.subject == "13 notices: 1 new lead, 12 more"
    assert "and 12 more: https://leads.example/leads" in written.text
    assert written.notices == 13


def test_without_pages_to_lead_to_a_digest_has_no_links() -> None:
    written = digest(of("Bo", "assigned"), of("Cy", "assigned"), more=1, url=None)

    assert "http" not in written.text + written.html.replace('<meta charset="utf-8">', "")
    assert "and 1 more\n" in written.text


def test_a_subject_stays_within_one_line() -> None:
    templates = ("retraction", "breach", "ignored", "warning", "asked_again", "unassigned", "assigned", "overtaken")
    written = digest(*(brief(template) for template in templates), more=500)

    assert len(written.subject) <= SUBJECT_LIMIT
    assert written.subject == "508 notices: 1 false alarm, 1 overdue, 1 ignored, 1 due soon, 504 more"


def test_a_digest_stands_in_no_lead_s_thread() -> None:
    written = digest(brief(), brief("assigned"))
    message = compose(written, "leadloop@sales.example")

    assert str(DIGEST) in message["Message-ID"]
    assert [message[name] for name in ("In-Reply-To", "References", "X-Leadloop-Lead")] == [None] * 3
    assert message["X-Leadloop-Notice"] == "digest"
    assert message["List-Id"] == "Leadloop notices <notices.leadloop.example>"


def test_one_notice_alone_is_its_ordinary_letter() -> None:
    assert digest(brief()).subject == "First touch due 14:07 CEST: Jane Doe (Acme GmbH)"


def test_a_notice_of_a_newer_version_does_not_keep_the_others() -> None:
    assert "2 notices: 1 new lead, 1 other" in digest(brief("assigned"), brief("of_tomorrow")).subject


@pytest.mark.parametrize("template", ["breach", "retraction", "feedback_asked"])
def test_what_a_stranger_wrote_is_shown_not_obeyed(template: str) -> None:
    written = digest(brief(template, prospect=HOSTILE, promise=OVERDUE), brief("assigned", prospect=HOSTILE))

    assert compose(written, "leadloop@sales.example")["Bcc"] is None
    for markup in ("<script", "<img", "<b>Doe", "onerror=alert(1)>@"):
        assert markup not in written.html
    for sign in (OVERRIDE, LINE, "\x00", "\r"):
        assert sign not in written.subject + written.text + written.html
