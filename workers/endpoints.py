"""Where this machine's Leadloop is: what the environment says, else what a running `leadloop up` wrote down."""

from pathlib import Path
from typing import Any

from workers.local_stack import lock, state
from workers.local_stack.layout import DataFolder
from workers.local_stack.state import StackState
from workers.settings import Settings, SettingsError


def running_stack(settings: Settings) -> StackState | None:
    """What `leadloop up` runs on this data folder; None when it does not run."""
    folder = DataFolder(settings.data_folder)
    return state.read(folder.state) if lock.is_held(folder.lock) else None


def database_url(settings: Settings) -> str:
    """The database for a command on this machine. Raises `SettingsError` when none is set and none runs."""
    stack = running_stack(settings)
    if settings.database_url is None and stack and "database" in stack.urls:
        return stack.urls["database"]
    return settings.require_database_url()


def api_url(settings: Settings) -> str:
    """The API's base URL, without a slash at the end."""
    stack = running_stack(settings)
    return stack.urls["api"] if stack and "api" in stack.urls else settings.public_url


def machine_key_file(settings: Settings) -> Path:
    """The file of this machine's admin key. Raises `SettingsError` when there is none yet."""
    key = DataFolder(settings.data_folder).key
    if not key.is_file():
        raise SettingsError(f"There is no key at {key}; start leadloop up first, or set LEADLOOP_DATA_DIR to its data")
    return key


def temporal_connect_config(settings: Settings) -> dict[str, Any]:
    """Arguments for `Client.connect`: the SDK's own environment and profile, with our address and namespace on top.

    TLS, API key and headers are read by the SDK from `TEMPORAL_…` variables and its configuration file.
    """
    from temporalio.envconfig import ClientConfig  # noqa: PLC0415  slow, and most commands do without

    config: dict[str, Any] = {**ClientConfig.load_client_connect_config()}
    stack = running_stack(settings)
    address = settings.temporal_address or (stack.urls.get("temporal") if stack else None)
    if address:
        config["target_host"] = address
    if settings.temporal_namespace:
        config["namespace"] = settings.temporal_namespace
    config.setdefault("target_host", "127.0.0.1:7233")
    config.setdefault("namespace", "default")
    return config
