"""What okta-zones calls itself."""

from __future__ import annotations

import contextlib
import importlib.metadata


def user_agent() -> str:
    """`tunnel-gateway/VERSION (okta-zones)`, which administrators find in Okta's System Log."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return f"tunnel-gateway/{importlib.metadata.version('tunnel-gateway')} (okta-zones)"
    return "tunnel-gateway (okta-zones)"
