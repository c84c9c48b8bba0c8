"""What a person who runs Leadloop is told when something is not as it must be."""

from typing import ClassVar


class CliError(Exception):
    """A user error: shown as one line on stderr, never with a traceback; the command ends with `exit_code`.

    The message says what is wrong and what to do, and carries no personal data and no secret.
    """

    exit_code: ClassVar[int] = 2
    safe_message: ClassVar[bool] = True
