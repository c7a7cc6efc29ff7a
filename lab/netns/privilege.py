"""Whether namespaces can be had here, in words that say what to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys


class NetnsUnavailableError(Exception):
    """Network namespaces cannot be had. The text says why and what to do."""


def require() -> None:
    """Raises NetnsUnavailableError where something is missing."""
    reason = why_not()
    if reason is not None:
        raise NetnsUnavailableError(f"--netns: {reason}")


def why_not() -> str | None:
    """What is missing, or None."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "network namespaces need root; run it with sudo"
    if shutil.which("ip") is None:
        return "the program ip is missing; install iproute2"
    if importlib.util.find_spec("scapy") is None:
        return "scapy reads the captures and is missing; install tunnel-gateway[replay]"
    return None
