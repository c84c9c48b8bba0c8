"""The channel that always works: one log line per notice, with ids and codes only.

What a notice says is personal and stays out of logs; the line names the lead that says it.
"""

from collections.abc import Sequence

import structlog

from activities.channels import TOLD, Delivery
from activities.letters import Letter

log = structlog.get_logger(__name__)


class ConsoleChannel:
    """Writes notices to the log."""

    async def deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        """One line per letter; always told."""
        for letter in letters:
            log.warning(
                "notice",
                template=letter.template,
                lead_id=str(letter.lead_id) if letter.lead_id else None,
                notices=letter.notices,
                hearer=_without_address(letter.hearer),
                clock=letter.clock,
                due_at=letter.due_at.isoformat() if letter.due_at else None,
                letter_id=str(letter.letter_id),
                url=letter.url,
            )
        return [TOLD] * len(letters)


def _without_address(hearer: str) -> str:
    """The hearer's id, unless it is an e-mail address: some staff directories have no other."""
    return "withheld" if "@" in hearer else hearer
