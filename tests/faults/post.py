"""The letters a mail server has taken, held against what the database says was sent."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.letters import Letters
from leads.brief import Hearer
from tests.smtp_sink import Delivery

# Whoever has no address is told by the log; a notice that went out in a digest has its letter's id there. `presumed`:
# it was needed no more, and whether an earlier try had come through nobody could know.
_TOLD = """
SELECT a.lead_id || ' ' || a.key AS notice, h.hearer,
    coalesce(a.payload->'digests'->>h.hearer, a.action_id::text) AS letter,
    coalesce(a.payload->'presumed' ? h.hearer, false) AS is_presumed
FROM actions a, jsonb_array_elements_text(a.payload->'told') AS h (hearer)
WHERE h.hearer IN (SELECT person_id FROM people)
   OR h.hearer IN (SELECT 'channel:' || team_id FROM teams WHERE channel_email IS NOT NULL)
"""


async def letter_differences(connection: AsyncConnection, taken: Iterable[Delivery], domain: str) -> list[str]:
    """What was said to be sent and did not arrive, and what arrived of which nothing is known.

    A letter may arrive several times under one Message-ID; in effect that is once. A notice stands in one letter to
    each hearer, or it would be read twice.
    """
    arrived: Counter[str] = Counter(str(delivery.message["Message-ID"]) for delivery in taken)
    rows = (await connection.execute(text(_TOLD))).all()
    spell = Letters(None, domain)
    found: list[str] = []
    known: set[str] = set()
    for row in rows:
        hearer = Hearer(key=row.hearer, role="owner", name="", of="")
        letter = spell.message_id(UUID(row.letter), hearer)
        known.add(letter)
        if not arrived[letter] and not row.is_presumed:
            found.append(f"a notice said to be sent has not arrived: {row.notice} to {row.hearer}")
    found += [f"a letter arrived that holds nothing sent: {letter}" for letter in arrived.keys() - known]
    return found
