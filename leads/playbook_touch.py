"""What counts as a touch: for all leads, and where a segment or a kind of hand-off says otherwise."""

from pydantic import Field

from leads.events import Channel, Direction, Mode
from leads.promises import Part


class RealTouch(Part):
    """What counts as a touch."""

    modes: frozenset[Mode] = frozenset({Mode.MANUAL, Mode.SEQUENCE_MANUAL})
    directions: frozenset[Direction] = frozenset(Direction)
    channels: frozenset[Channel] = frozenset(Channel)
    min_call_seconds: int = Field(default=0, ge=0, le=3600, description="Shorter calls do not count, when known.")
    booked_meetings: bool = True


class OwnTouch(Part):
    """What counts otherwise for some leads. What is left out is as for all."""

    modes: frozenset[Mode] | None = None
    directions: frozenset[Direction] | None = None
    channels: frozenset[Channel] | None = None
    min_call_seconds: int | None = Field(default=None, ge=0, le=3600)
    booked_meetings: bool | None = None

    def on(self, rule: RealTouch) -> RealTouch:
        """The rule for these leads."""
        said = {name: getattr(self, name) for name in OwnTouch.model_fields}
        return rule.model_copy(update={name: value for name, value in said.items() if value is not None})
