"""What a stranger wrote into a form cannot break a mail: no headers, no markup, no hidden signs."""

from email import message_from_bytes, policy

import pytest

from activities.integrations.smtp import compose
from activities.letters import TEMPLATES
from activities.wording import SUBJECT_LIMIT, clean_line, clean_words, is_address
from leads.brief import Hearer, Prospect
from tests.activities.letter_samples import letter
from tests.desk import NOON

OVERRIDE, ZERO_WIDTH, BELL, LINE = "\u202e", "\u200b", "\x07", "\u2028"
HOSTILE = Prospect(
    name=f"Jane\r\nBcc: all@victim.example\r\n\r\n{OVERRIDE}<b>Doe</b>{BELL}",
    company=f"</td><script>alert(1)</script>{LINE}Acme",
    email='"><img src=x onerror=alert(1)>@acme.example',
    phone="+49 30<br>\r\n1",
    source="<i>web</i>",
    campaign="{{ lead }}{% raise %}",
    raised_hand="<demo>",
    raised_at=NOON,
    words="<script>alert(2)</script>\r\nhello\x00\x1b[31m" + "x" * 5000,
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_name_with_line_breaks_adds_no_header(template: str) -> None:
    message = compose(letter(template, prospect=HOSTILE), "leadloop@sales.example")

    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc:" not in head
    assert len(message["Subject"]) <= SUBJECT_LIMIT


@pytest.mark.parametrize("word", ["=?ascii?q?=0ABcc:a@b.c?=", "=?ascii?b?eApCY2M6YUBiLmM=?=", "=?=?ascii?q?=0AX:y?="])
def test_an_encoded_word_stays_as_it_was_typed(word: str) -> None:
    # 24 characters, which any form takes for a name; read as RFC 2047 has it, it holds a line break and a header
    hearer = Hearer(key="x", role="owner", name=word, of="x", email="ana@sales.example")

    sent = compose(
        letter(prospect=Prospect(name=word, company=word), hearer=hearer), "leadloop@sales.example"
    ).as_bytes()

    read = message_from_bytes(sent, policy=policy.default)
    assert not {"Bcc", "X"} & set(read.keys())
    assert "= ?ascii?" in read["Subject"]
    assert [address.addr_spec for address in read["To"].addresses] == ["ana@sales.example"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_markup_of_a_stranger_is_shown_not_obeyed(template: str) -> None:
    written = letter(template, prospect=HOSTILE)

    for markup in ("<script", "<img", "<i>", "<b>Doe", "</td><s", "onerror=alert(1)>@"):
        assert markup not in written.html
    assert "{{ lead }}" in written.text or template in ("retraction", "ignored_retracted")


@pytest.mark.parametrize("template", TEMPLATES)
def test_hidden_signs_reach_nobody(template: str) -> None:
    written = letter(template, prospect=HOSTILE)

    for sign in (OVERRIDE, ZERO_WIDTH, BELL, LINE, "\x00", "\x1b", "\r"):
        assert sign not in written.subject + written.text + written.html


def test_long_words_are_cut() -> None:
    assert len(letter(prospect=HOSTILE).text) < 3000


def test_a_hearer_s_name_cannot_break_the_address_line() -> None:
    hearer = Hearer(key="x", role="owner", name='Eve" <eve@x.example>,\r\nBcc: y', of="x", email="ana@sales.example")

    message = compose(letter(hearer=hearer), "leadloop@sales.example")

    assert [address.addr_spec for address in message["To"].addresses] == ["ana@sales.example"]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, ""),
        ("  two \t words\n", "two words"),
        (f"a{OVERRIDE}b{ZERO_WIDTH}c\x00", "abc"),
        ("Zoë Müller 東京", "Zoë Müller 東京"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_a_line_is_one_line_of_visible_signs(text: str | None, line: str) -> None:
    assert clean_line(text) == line


def test_words_stay_few_lines() -> None:
    assert clean_words("\n".join("abcdefghij")) == [*"abcdefgh", "…"]
    assert clean_words(" \n\r\n") == []


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("ana@sales.example", True),
        ("ana+leads@sales.example", True),
        ("ana", False),
        ("", False),
        (None, False),
        ("ana@x.example, ben@x.example", False),
        ("Ana <ana@x.example>", False),
        ("ana@x.example\r\nBcc: y", False),
    ],
)
def test_one_plain_address_is_told_from_anything_else(address: str | None, is_one: bool) -> None:  # noqa: FBT001  a row
    assert is_address(address) is is_one
