"""DTR901."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(("until", "count"), [("2027-01-14", 1), ("2027-01-15", 0), ("2027-01-16", 0)])
def test_the_last_day_is_still_silent(found: Any, until: str, count: int) -> None:
    silence = {"finding": "DTR304", "reason": "a trial", "owner": "anna@acme.example", "until": until}
    findings = found("DTR901", [(["a.example"], "tunnel")], silence=[silence])
    assert len(findings) == count
    for each in findings:
        assert each.severity == "warning"
        assert "anna@acme.example answers for it: a trial" in each.finding.message
