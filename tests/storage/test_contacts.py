import time

import pytest

from storage.contacts import normalise_email, normalise_phone
from tests.hostile.corpus import STRINGS


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (" Ana.Example@Example.COM ", "ana.example@example.com"),
        ("ana+news@example.com", "ana+news@example.com"),
        ("ana@xn--mller-kva.example.com", "ana@müller.example.com"),
        ("ana@example.test", "ana@example.test"),
        ("ana@localhost", None),
        ("Ana <ana@example.com>", None),
        ("not an address", None),
        ("a" * 400 + "@example.com", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_has_one_form_or_is_none(given: str | None, expected: str | None) -> None:
    assert normalise_email(given) == expected


@pytest.mark.parametrize(
    ("given", "country", "expected"),
    [
        ("030 1234567", "de", "+49301234567"),
        ("+49 (0)30 / 123-4567", None, "+49301234567"),
        ("030 1234567", None, None),  # which country's?
        ("030 1234567", "zz", None),
        ("12", "DE", None),
        ("call me", "DE", None),
        ("", "DE", None),
        (None, "DE", None),
    ],
)
def test_a_number_has_one_form_or_is_none(given: str | None, country: str | None, expected: str | None) -> None:
    assert normalise_phone(given, country) == expected


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_a_nasty_text_is_a_contact_or_none_in_little_time(text: str) -> None:
    begun = time.process_time()

    found = [normalise_email(text), normalise_phone(text), normalise_phone(text, "DE")]

    assert time.process_time() - begun < 1
    assert all(contact is None or contact.isprintable() for contact in found)
