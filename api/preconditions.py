"""`ETag` and `If-Match` (RFC 9110, section 13): nobody overwrites what somebody else has changed meanwhile."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from api.problems import Problem

_Tags = Annotated[str | None, Header(alias="If-Match", max_length=1_000, description="The ETag it was read with.")]
_NoTags = Annotated[
    str | None, Header(alias="If-None-Match", max_length=1_000, description="`*`: only where there is nothing yet.")
]


class PreconditionFailed(Problem):
    """It has changed since it was read, or is there already; nothing was changed."""

    status = 412
    name = "precondition-failed"
    title = "It does not stand as the request says"


class PreconditionRequired(Problem):
    """What is there would be replaced unseen."""

    status = 428
    name = "precondition-required"
    title = "Say which version this replaces"


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a request demands of the version that is there. Versions are the texts inside of ETags."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, version: str | None, *, is_required: bool = False) -> None:
        """Raises `PreconditionFailed`, and `PreconditionRequired` where something is there and none was given."""
        if self.if_match is not None and not _has(self.if_match, version):
            detail = "Read it again, put the change into what is there now, and send its ETag as If-Match."
            raise PreconditionFailed(detail, etag=quoted(version) if version else None)
        if self.if_none_match is not None and _has(self.if_none_match, version):
            raise PreconditionFailed("It is there already: leave If-None-Match out to change it.", etag=quoted(version))
        if is_required and version is not None and self.if_match is None:
            raise PreconditionRequired("It is there already: read it, and send its ETag as If-Match.")


async def _preconditions(if_match: _Tags = None, if_none_match: _NoTags = None) -> Precondition:
    return Precondition(if_match, if_none_match)


Preconditions = Annotated[Precondition, Depends(_preconditions)]


def quoted(version: str | None) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def _has(tags: str, version: str | None) -> bool:
    """Compared strongly: a weak tag is no tag of a version."""
    return version is not None and (tags.strip() == "*" or quoted(version) in [tag.strip() for tag in tags.split(",")])
