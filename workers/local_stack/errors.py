"""Why the local stack could not start, each with the sentence that says what to do."""

from workers.errors import CliError


class LocalStackError(CliError):
    """The local stack can't run as asked."""


class BinaryMissingError(LocalStackError):
    """A server program was found neither in the environment nor on the machine."""


class DataFolderError(LocalStackError):
    """The data folder can't be used: unreadable, damaged, or of another version."""


class PortInUseError(LocalStackError):
    """Another program listens where Leadloop should."""


class AlreadyRunningError(LocalStackError):
    """Another `leadloop up` holds this data folder."""


class NotReadyError(LocalStackError):
    """A server ended, or gave no answer, before it was ready."""
