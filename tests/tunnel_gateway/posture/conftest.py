"""The surroundings of the posture that is tested."""

from __future__ import annotations

import pytest
from posture_scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()
