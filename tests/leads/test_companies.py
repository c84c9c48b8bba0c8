"""Which company a lead may be of: by its account, by a domain; a mail provider's says nothing."""

from typing import Any

import pytest

from leads.accounts import latest, told_by
from leads.companies import company_keys, domain_of
from leads.playbook_accounts import Accounts, FreeMail
from tests.builders import at


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("acme.com", "acme.com"),
        ("ACME.COM.", "acme.com"),
        ("https://www.acme.com/en?x=1#top", "acme.com"),
        ("http://user@acme.co.uk:8080/", "acme.co.uk"),
        ("www2.acme.com", "acme.com"),
        ("shop.acme.com", "shop.acme.com"),  # another company may live there
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("acme", None),
        ("a b.com", None),
        ("-acme.com", None),
        ("acme..com", None),
        ("", None),
        ("x" * 600 + ".com", None),
        (None, None),
        (7, None),
    ],
)
def test_a_domain_is_read_from_what_people_write_for_one(written: object, domain: str | None) -> None:
    assert domain_of(written) == domain


@pytest.mark.parametrize(
    ("profile", "keys"),
    [
        ({}, ()),
        ({"account": "ACME-1"}, ("account:ACME-1",)),
        ({"domain": "www.acme.com", "email": "jane@acme.com"}, ("domain:acme.com",)),
        ({"domain": "acme.com", "email": "jane@mail.acme.com"}, ("domain:acme.com", "domain:mail.acme.com")),
        ({"email": "jane@gmail.com"}, ()),
        ({"email": "jane@gmail.com", "domain": "acme.com"}, ("domain:acme.com",)),
        ({"domain": "gmail.com"}, ()),  # a form that guesses it from the address
        ({"email": "no address"}, ()),
        ({"account": "ACME-1", "domain": "acme.com"}, ("account:ACME-1", "domain:acme.com")),
    ],
)
def test_the_surest_key_comes_first(profile: dict[str, Any], keys: tuple[str, ...]) -> None:
    assert company_keys(profile, Accounts().free_mail.domains) == keys


def test_the_playbook_adds_to_the_list_of_mail_providers_and_takes_away_from_it() -> None:
    listed = FreeMail(also=("Mail.Example",), never=("gmail.com",)).domains

    assert {"mail.example", "gmx.de"} <= listed
    assert "gmail.com" not in listed


def test_no_provider_is_listed_twice_or_misspelt() -> None:
    assert all(domain_of(domain) == domain for domain in FreeMail().domains)
    assert len(FreeMail().domains) > 150


def test_the_latest_word_on_each_field_stands_whatever_the_order_of_arrival() -> None:
    first = told_by({"owner": "ana", "type": "prospect", "stranger": 1}, at(0), "crm/1")
    second = told_by({"owner": None}, at(2), "crm/2")
    third = told_by({"type": "customer"}, at(1), "crm/3")

    for order in ([first, second, third], [third, second, first], [second, first, third]):
        assert {name: word["v"] for name, word in latest(order).items()} == {"owner": None, "type": "customer"}


def test_of_words_of_one_instant_the_id_decides() -> None:
    one, other = told_by({"owner": "ana"}, at(0), "crm/1"), told_by({"owner": "ben"}, at(0), "crm/2")

    assert latest([one, other]) == latest([other, one]) == other
