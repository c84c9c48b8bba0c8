"""Where texts come out, and how each may look there. A new place is a function and a line in `OUTPUTS`."""

import io
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import redirect_stdout
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from tests.hostile.corpus import MARK
from tests.hostile.house import SENDER, House, Resident, raw
from workers import lead_pages, lead_story

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Leadloop-Lead", "X-Leadloop-Notice", "MIME-Version", "Content-Type",
}  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "body", "div", "p", "a", "b", "strong", "table", "tr", "td", "th", "tbody", "ul",
    "li", "ol", "br", "blockquote", "span", "h1", "h2", "small", "hr", "code", "em",
}  # fmt: skip
ATTRIBUTES = {
    "href", "style", "lang", "charset", "name", "content", "role", "cellpadding", "cellspacing", "width", "border",
    "align", "start",
}  # fmt: skip
ROSTER = re.compile(r"(person-\d+|[a-z]+)@example\.com")
SCHEMES = ("https://leads.example", "mailto:", "tel:")
LONGEST_LETTER = 60_000
"""Characters: a digest of two with all that is told of each."""


async def page(house: House, resident: Resident) -> None:
    """The lead as the API shows it."""
    await _shown(house, resident, "")


async def told(house: House, resident: Resident) -> None:
    """The timeline and the explanation, over HTTP and on a terminal."""
    found = await _shown(house, resident, "")
    explained = await _shown(house, resident, "/explain")
    lines = await _shown(house, resident, "/timeline?limit=200")
    screen = io.StringIO()
    with redirect_stdout(screen):
        lead_pages.show(found, explained)
        lead_pages.explain(found, explained)
        lead_story.tell(found, lines)
    assert screen.getvalue().replace("\n", "").isprintable()


async def listed(house: House, resident: Resident) -> None:
    """The list by what is nasty in it."""
    answer = await house.client.get("/v1/leads", params={"team": resident.team})
    assert answer.status_code == 200
    assert str(resident.lead_id) in [lead["lead_id"] for lead in answer.json()["leads"]]


async def letters(_house: House, resident: Resident) -> None:
    """Each letter, taken apart from its bytes as a mail program does."""
    mailed = [letter for letter in resident.letters if letter.email is not None]
    assert mailed
    for letter in mailed:
        sent = raw(letter)
        assert sent.isascii()
        assert all(len(line) < 1_000 for line in sent.split(b"\r\n"))
        assert b"\n" not in sent.replace(b"\r\n", b"")
        assert b"\r" not in sent.replace(b"\r\n", b"")
        message = message_from_bytes(sent, policy=policy.default)
        assert isinstance(message, EmailMessage)
        _head(message)
        text, page_ = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
        assert text.replace("\n", "").isprintable(), sorted({sign for sign in text if not sign.isprintable()})
        assert len(text) + len(page_) < LONGEST_LETTER
        _markup(page_)
        for written in (text, page_, message["Subject"]):
            assert str(7 * 191) not in written  # a template that obeys would have reckoned


def _head(message: EmailMessage) -> None:
    assert not message.defects
    assert set(message.keys()) <= HEADERS
    assert len(message.keys()) == len(set(message.keys()))
    for name, value in message.items():
        assert not value.defects, (name, value.defects)
        assert str(value).isprintable()
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER]
    [recipient] = [address.addr_spec for address in message["To"].addresses]
    assert ROSTER.fullmatch(recipient)
    assert message.get_content_type() == "multipart/alternative"


def _markup(text: str) -> None:
    """No tag, attribute or address that our templates do not write."""
    seen = _Markup()
    seen.feed(text)
    seen.close()
    assert seen.tags <= TAGS, seen.tags - TAGS
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES, seen.attributes
    assert all(str(value).startswith(SCHEMES) for name, value in seen.attributes if name == "href")
    assert all(MARK not in str(value) for name, value in seen.attributes if name == "style")
    # comments and declarations of a stranger's would be among these
    assert not seen.others
    assert "".join(seen.words).replace("\n", "").isprintable()


class _Markup(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


async def _shown(house: House, resident: Resident, path: str) -> Any:
    answer = await house.client.get(f"/v1/leads/{resident.lead_id}{path}")
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.content)


Output = Callable[[House, Resident], Awaitable[None]]
OUTPUTS: dict[str, Output] = {"page": page, "told": told, "listed": listed, "letters": letters}
"""Each is looked at for every resident."""


def lines_of_log(written: str) -> Iterator[dict[str, Any]]:
    """Each line of a log in JSON; no line is cut in two by what it holds."""
    for line in written.splitlines():
        assert line.isascii()
        assert line.isprintable()
        yield json.loads(line)
