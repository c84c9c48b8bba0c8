"""The playbook over HTTP: revisions, drafts, faults and differences as they are sent and answered."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.playbook_diff import ChangeKind, Difference
from leads.promises import ClockName
from leads.running import Choice, Running
from leads.telling.changes import line_of

LAST_NUMBER = 2_147_483_647
MOST_CHANGES = 200
"""Told of one comparison."""
Comment = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
Number = Annotated[int, Path(ge=1, le=LAST_NUMBER)]


class RunningPromises(BaseModel):
    """What becomes of promises under way."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, hide_input_in_errors=True)

    default: Choice = Field(
        default=Choice.KEEP,
        description=(
            "`new_leads_only`: leads captured before go on under what was promised then, later clocks too. `carry`: a "
            "running clock gets the new target, the time it has used and its pauses are kept. `keep`: it finishes "
            "under the target it started with. `restart`: it counts anew."
        ),
    )
    clocks: dict[ClockName, Choice] = Field(default_factory=dict, description="Clocks with a choice of their own.")

    @property
    def chosen(self) -> Running:
        return Running(default=self.default, clocks=self.clocks)


class PlaybookRevision(BaseModel):
    """A revision, without what it says."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    published_at: datetime
    in_force_from: datetime = Field(description="Clocks that start from then on run under it.")
    author: str
    comment: str
    repeats: int | None = Field(description="The earlier revision that a rollback brought back.")
    running: RunningPromises = Field(description="What it does to promises that ran when it came into force.")


class PublishedRevision(PlaybookRevision):
    warnings: list[str] = Field(default=[], description="What is allowed, and may not have been meant.")


class PlaybookRevisionSource(PlaybookRevision):
    source: str = Field(description="The YAML document as it was published.")


class PlaybookRevisions(BaseModel):
    revisions: list[PlaybookRevision]
    next: int | None = Field(description="`before` of the next page; null on the last.")


class PlaybookDraft(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: str = Field(min_length=1, max_length=1 << 20, description="A whole playbook as YAML.")


class ComparedDraft(PlaybookDraft):
    against: int | None = Field(
        default=None, ge=1, le=LAST_NUMBER, strict=True, description="A revision; the newest if left out."
    )


class NewRevision(PlaybookDraft):
    comment: Comment = Field(description="Why it changes; read by whoever looks back.")
    running: RunningPromises | None = Field(
        default=None, description="What becomes of promises under way; left out, they finish as they were (`keep`)."
    )


class Rollback(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    comment: Comment = Field(description="Why it goes back; read by whoever looks back.")
    running: RunningPromises | None = Field(
        default=None,
        description="What becomes of promises under way; left out, what revisions since have moved is moved back.",
    )


class PlaybookFault(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int | None = Field(description="In the source, from 1; null where the fault has none.")
    path: str = Field(description="As `segments.2.promises.first_touch.target`; empty for the whole document.")
    reason: str


class PlaybookValidation(BaseModel):
    valid: bool = Field(description="Whether it could be published now.")
    faults: list[PlaybookFault]
    more: int = Field(description="Faults beyond those listed.")
    warnings: list[str] = Field(default=[], description="What is allowed, and may not have been meant.")


class PlaybookChange(BaseModel):
    path: str = Field(description="As `segments.hot.promises.first_touch.target`: names, not positions.")
    kind: ChangeKind
    old: Any = Field(description="Null where there was nothing.")
    new: Any = Field(description="Null where nothing is left.")
    text: str = Field(description="The change in one line, for people.")

    @classmethod
    def of(cls, change: Difference) -> Self:
        return cls(path=".".join(change.path), kind=change.kind, old=change.old, new=change.new, text=line_of(change))


class PlaybookDiff(BaseModel):
    """What the newer says otherwise than the older."""

    old: int = Field(description="The revision it starts from.")
    new: int | None = Field(description="The revision it leads to; null for a draft.")
    changes: list[PlaybookChange]
    more: int = Field(description="Changes beyond those listed.")

    @classmethod
    def of(cls, old: int, new: int | None, changes: list[Difference]) -> Self:
        told = [PlaybookChange.of(change) for change in changes[:MOST_CHANGES]]
        return cls(old=old, new=new, changes=told, more=len(changes) - len(told))
