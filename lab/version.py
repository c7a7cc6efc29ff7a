"""The version of this installation."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """As its package says it."""
    try:
        return importlib.metadata.version("tunnel-gateway")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
