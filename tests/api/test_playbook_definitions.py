"""What the words mean here, as JSON and as a page; what people wrote comes out as text, whatever it holds."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from api.playbook_definitions import prefers_html
from storage.playbooks import default_text
from tests.api.fakes import ADMIN, SENDER, Api
from tests.hostile.corpus import SHORT

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "p", "section", "h2", "div", "ul", "li", "footer",
}  # fmt: skip
PATH = "/v1/playbook/definitions"
AGREED = """
definitions:
  lead: {lead}
  qualified_lead: Wants to talk.
  real_touch: We spoke.
  stages: {{working: We are talking.}}
  sales_owner: ana
  marketing_owner: mo
  review_by: 2026-06-30
"""


def agreed(lead: str = "A person who could buy.") -> str:
    return default_text() + AGREED.format(lead=lead)


async def published(api: Api, source: str) -> None:
    async with api.client(ADMIN) as client:
        answer = await client.post("/v1/playbook/revisions", json={"source": source, "comment": "agreed"})
    assert answer.status_code == 201, answer.text


async def test_words_and_rules_come_as_json_unless_a_page_is_asked_for() -> None:
    api = Api()
    await published(api, agreed())
    async with api.client(ADMIN) as client:
        plain = await client.get(PATH)
        page = await client.get(PATH, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (plain.headers["content-type"], plain.headers["vary"]) == ("application/json", "Accept")
    found = plain.json()
    assert (found["sales_owner"], found["review_by"]) == ({"person": "ana", "name": "Ana Example"}, "2026-06-30")
    assert found["meanings"][0]["words"] == "A person who could buy."
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    for text in ("Ana Example", "A person who could buy.", "Qualified lead", "2026-06-30", "@media print"):
        assert text in page.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert all(name in {"lang", "charset", "name", "content", "id", "class", "role"} for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("name", sorted(SHORT))
async def test_what_people_wrote_is_text_on_the_page_or_refused(name: str) -> None:
    api, lead = Api(), SHORT[name]
    async with api.client(ADMIN) as client:
        source = agreed(json.dumps(lead))
        made = await client.post("/v1/playbook/revisions", json={"source": source, "comment": "agreed"})
        page = await client.get(PATH, headers={"Accept": "text/html"})
    assert made.status_code in (201, 400), made.text
    if made.status_code == 201:
        reader = _Reader()
        reader.feed(page.text)
        assert lead.strip() in reader.words
        assert reader.tags <= TAGS, "it is a page of its own"


async def test_an_overdue_review_is_a_warning_of_publishing_validating_and_looking() -> None:
    api = Api()
    api.clock.at = datetime(2026, 8, 1, tzinfo=UTC)
    async with api.client(ADMIN) as client:
        checked = await client.post("/v1/playbook/validate", json={"source": agreed()})
        made = await client.post("/v1/playbook/revisions", json={"source": agreed(), "comment": "late"})
        shown = await client.get(PATH)
        renewed = agreed().replace("2026-06-30", "2027-06-30")
        again = await client.post("/v1/playbook/revisions", json={"source": renewed, "comment": "in time"})

    assert (checked.json()["valid"], len(checked.json()["warnings"])) == (True, 1)
    assert (made.status_code, made.json()["warnings"]) == (201, shown.json()["warnings"])
    assert made.json()["warnings"][0].startswith(
        "The definitions were to be reviewed by 2026-06-30: Ana Example and mo"
    )
    assert shown.json()["overdue_seconds"] == 31 * 24 * 3600
    assert again.json()["warnings"] == []


async def test_an_earlier_revision_can_be_looked_at_and_one_that_is_not_there_is_not_found() -> None:
    api = Api()
    async with api.client(ADMIN) as client:
        nothing = await client.get(PATH)
        await published(api, agreed("Before"))
        await published(api, agreed("After"))
        first = await client.get(PATH, params={"revision": 1})
        missing = await client.get(PATH, params={"revision": 9}, headers={"Accept": "text/html"})

    assert first.json()["meanings"][0]["words"] == "Before"
    assert [answer.status_code for answer in (nothing, missing)] == [404, 404]
    assert missing.headers["content-type"] == "application/problem+json"


async def test_reading_needs_its_scope() -> None:
    async with Api().client(SENDER) as sender:
        assert (await sender.get(PATH)).status_code == 403


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("text/*", True),
        ("text/html;q=0", False),
        ("text/html;q=0.5, application/json", False),
        ("application/json;q=0.5, text/html;q=0.9", True),
        ("TEXT/HTML", True),
        ("text/html;q=nan", False),
        (",;=,text/html;q=x", False),
        *((text, False) for text in SHORT.values() if "html" not in text.lower() and "text/*" not in text),
    ],
)
def test_a_page_is_sent_to_whoever_would_rather_have_one(accept: str, *, html: bool) -> None:
    assert prefers_html(accept) is html
