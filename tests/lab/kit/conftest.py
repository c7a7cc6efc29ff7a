"""A complete configuration on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from acme_kit import write_kit


@pytest.fixture
def kit_file(tmp_path: Path) -> Path:
    return write_kit(tmp_path)
