"""DTR302."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        pytest.param("*com", "stranger.com", id="top-level-domain"),
        pytest.param("*.co.uk", "stranger.co.uk", id="public-suffix"),
        pytest.param("*.okta.com", "stranger.okta.com", id="tenant-suffix"),
        pytest.param("*.windows.net", "stranger.blob.core.windows.net", id="public-suffix-below"),
        pytest.param("*okta*", "okta.stranger.example", id="contains"),
        pytest.param("*.okta.*", "a.okta.stranger.example", id="middle"),
        pytest.param("login*", "login.stranger.example", id="prefix"),
        pytest.param("acme.okta.*", "acme.okta.stranger.example", id="prefix-with-dot"),
    ],
)
def test_a_pattern_that_matches_strangers(found: Any, pattern: str, host: str) -> None:
    (finding,) = found("DTR302", [([pattern], "tunnel")])
    assert finding.severity == "warning"
    assert str(finding.finding.example.flow.host) == host
    assert finding.finding.example.decision.rule == "r1"


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("*.acme.example", id="one-domain"),
        pytest.param("*.acme.okta.com", id="one-tenant"),
        pytest.param("*login.microsoftonline.com", id="inside-one-domain"),
        pytest.param("*acme.example", id="look-alikes-are-their-own-check"),
        pytest.param("*.corp.internal", id="private"),
        pytest.param("*", id="everything"),
        pytest.param("acme.example", id="exact"),
    ],
)
def test_a_pattern_with_one_owner(found: Any, pattern: str) -> None:
    assert found("DTR302", [([pattern], "tunnel")]) == []
