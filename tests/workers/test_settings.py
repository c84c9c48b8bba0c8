"""Settings come from LEADLOOP_ variables; a bad one is one clear line that shows no secret."""

from pathlib import Path

import pytest

from workers.settings import SettingsError, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "DATA_DIR", "PORT", "HOST"):
        monkeypatch.delenv(f"LEADLOOP_{name}", raising=False)


def test_without_variables_it_listens_on_this_machine_only() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 8080, 9464)
    assert settings.future_tolerance_seconds == 300
    assert settings.data_folder == Path.cwd() / ".leadloop"
    assert settings.public_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "LEADLOOP_PORT: Input should be a valid integer"),
        ("PORT", "0", "LEADLOOP_PORT: Input should be greater than or equal to 1"),
        ("LOG_FORMAT", "xml", "LEADLOOP_LOG_FORMAT: Input should be 'json' or 'console'"),
        ("TEMPORAL_ADDRESS", "localhost", "LEADLOOP_TEMPORAL_ADDRESS: must be host:port"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "LEADLOOP_DATABASE_URL: must start with postgresql://"),
        ("CONSOLE_URL", "javascript:hunter2", "LEADLOOP_CONSOLE_URL: must be an http:// or https:// address"),
        ("TIMEZONE", "Mars/X", "LEADLOOP_TIMEZONE: must be an IANA zone such as Europe/Berlin"),
        ("TIMEZONE", "Europe", "LEADLOOP_TIMEZONE: must be an IANA zone such as Europe/Berlin"),
        ("TIMEZONE", "/etc/passwd", "LEADLOOP_TIMEZONE: must be an IANA zone such as Europe/Berlin"),
        ("SMTP_FROM", "a@b\r\nBcc: hunter2@c", "LEADLOOP_SMTP_FROM: must be one address"),
        ("STEP_SLOTS", "100000", "LEADLOOP_STEP_SLOTS: Input should be less than or equal to 200"),
        ("FUTURE_TOLERANCE_SECONDS", "-1", "LEADLOOP_FUTURE_TOLERANCE_SECONDS: Input should be greater than or equal"),
    ],
)
def test_a_bad_value_is_one_line_naming_the_variable_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"LEADLOOP_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert str(refusal.value).startswith(said)
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.exit_code == 2


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_DATABASE_URL", "postgresql+psycopg://loop:hunter2@db/leads")
    monkeypatch.setenv("LEADLOOP_SMTP_PASSWORD", "hunter2")
    settings = load_settings()
    assert "hunter2" not in f"{settings} {settings!r} {settings.model_dump_json()}"
    assert settings.require_database_url() == "postgresql://loop:hunter2@db/leads"


def test_a_missing_database_says_what_to_do() -> None:
    with pytest.raises(SettingsError, match="leadloop up"):
        load_settings().require_database_url()


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_PORT", "")
    assert load_settings().port == 8080


def test_a_misspelt_variable_is_found() -> None:
    assert unknown_variables({"LEADLOOP_DATABSE_URL": "x", "LEADLOOP_PORT": "1", "HOME": "/"}) == [
        "LEADLOOP_DATABSE_URL"
    ]


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"HOST": "0.0.0.0"}, "http://127.0.0.1:8080"),  # noqa: S104  not bound here
        ({"HOST": "::"}, "http://[::1]:8080"),
        ({"CONSOLE_URL": "https://leads.example.com/"}, "https://leads.example.com"),
    ],
)
def test_links_start_where_people_can_reach(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"LEADLOOP_{name}", value)
    assert load_settings().public_url == url
