"""Wrong keys counted per client address, in bounded memory."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
_MAX_ADDRESSES = 10_000


@dataclass(slots=True)
class _Window:
    started: float
    failures: int


class GuessLimit:
    """At most `failures_per_minute` wrong keys from an address; an IPv6 network of 64 bits is one address.

    `seconds` is a monotonic clock. The address longest without a failure is forgotten first.
    """

    def __init__(self, failures_per_minute: int, seconds: Callable[[], float]) -> None:
        self._allowed = failures_per_minute
        self._seconds = seconds
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """0 where another try is allowed, else the whole seconds until it is."""
        window = self._windows.get(_network(address))
        if window is None or window.failures < self._allowed:
            return 0
        left = window.started + WINDOW_SECONDS - self._seconds()
        return max(0, int(left) + 1) if left > 0 else 0

    def failed(self, address: str) -> None:
        network = _network(address)
        now = self._seconds()
        window = self._windows.get(network)
        if window is None or now - window.started >= WINDOW_SECONDS:
            window = self._windows[network] = _Window(now, 0)
        window.failures += 1
        self._windows.move_to_end(network)
        while len(self._windows) > _MAX_ADDRESSES:
            self._windows.popitem(last=False)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # a proxy said something else: of any length, and of a stranger's choice
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
