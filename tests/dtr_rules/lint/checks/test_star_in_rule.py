"""DTR303."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("pattern", ["*", "*:80"])
def test_a_star_in_a_rule(found: Any, pattern: str) -> None:
    (finding,) = found("DTR303", [(["a.example", pattern], "block")])
    assert (finding.severity, finding.finding.about) == ("warning", pattern)
    assert finding.finding.example.decision.rule == "r1"


def test_other_wildcards(found: Any) -> None:
    assert found("DTR303", [(["*.a.example", "*a*"], "block")]) == []
