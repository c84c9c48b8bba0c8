"""What `leadloop playbook preview` and `publish` make of what is typed, and of what a preview says."""

from typing import Any

import pytest

from workers.cli_preview import acts_at_once, body_of
from workers.errors import CliError

NOTHING: dict[str, Any] = {"leads_breached": 0, "leads_notified": 0, "held": {"promises": 0}}


@pytest.mark.parametrize(
    ("change", "asks"),
    [({}, False), ({"leads_breached": 1}, True), ({"leads_notified": 1}, True), ({"held": {"promises": 1}}, True)],
    ids=str,
)
def test_a_publish_asks_where_the_edit_itself_acts_at_once(change: dict[str, Any], asks: bool) -> None:  # noqa: FBT001  a row
    assert acts_at_once({"open": NOTHING | change}) is asks


@pytest.mark.parametrize(
    ("since", "sent"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T09:00Z", "2026-01-31T09:00:00+00:00"),
        ("2026-01-31T09:00+02:00", "2026-01-31T09:00:00+02:00"),
    ],
)
def test_since_is_a_date_or_an_instant(since: str, sent: str) -> None:
    assert body_of("x", running=["carry", "reply=keep"], since=since) == {
        "source": "x", "running": {"default": "carry", "clocks": {"reply": "keep"}}, "since": sent,
    }  # fmt: skip


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "2026-01-31T09:00", ""])
def test_any_other_since_is_refused_in_a_line(since: str) -> None:
    with pytest.raises(CliError):
        body_of("x", running=None, since=since)
