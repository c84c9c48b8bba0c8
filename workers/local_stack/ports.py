"""Ports on this machine: whether one is free, and a free one."""

import contextlib
import secrets
import socket

from workers.local_stack.errors import PortInUseError


def require_free(host: str, port: int, *, of: str, setting: str) -> None:
    """Raise `PortInUseError`, naming the setting that moves it, when nothing can be bound there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection's remains are no server
        try:
            probe.bind((host, port))
        except OSError as refusal:
            raise PortInUseError(
                f"{of} can't listen on {host}:{port} ({refusal.strerror});"
                f" stop the program that does, or set {setting} to another port"
            ) from None


_FIRST, _LAST = 20_000, 32_000
"""Below the ports that systems hand to outgoing connections, which could take one between asking and listening."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on now, nor on the one after it."""
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for wanted in (port, port + 1):
                probe = stack.enter_context(contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)))
                probe.bind((host, wanted))
            return port


def answers(host: str, port: int, *, timeout_seconds: float = 0.5) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_seconds):
            return True
    except OSError:
        return False
