"""DTR202."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("pattern", "severity", "words"),
    [
        pytest.param("*.acme.okta.com", "error", "does not match acme.okta.com itself", id="what-lies-below"),
        pytest.param("acme.okta.com:8443", "error", "only on port 8443", id="other-port"),
        pytest.param("acme.otka.com", "warning", "looks like acme.okta.com", id="slip-of-the-pen"),
    ],
)
def test_a_pattern_that_misses_the_org(found: Any, pattern: str, severity: str, words: str) -> None:
    (finding,) = found("DTR202", [([pattern], "tunnel")], idp=("okta:acme.okta.com",))
    assert (finding.severity, finding.finding.about) == (severity, pattern)
    assert words in finding.finding.message
    assert str(finding.finding.example.flow.host) == "acme.okta.com"
    assert finding.finding.example.decision.action == "bypass"


@pytest.mark.parametrize(
    ("rules", "keys"),
    [
        pytest.param([(["*.acme.okta.com"], "tunnel"), (["acme.okta.com"], "tunnel")], {}, id="named-elsewhere"),
        pytest.param([(["*.acme.okta.com"], "tunnel")], {"wildcard_matches_apex": True}, id="switch"),
        pytest.param([(["*.acme.okta.com"], "bypass")], {}, id="not-meant-for-the-tunnel"),
        pytest.param([(["mail.example"], "tunnel")], {}, id="something-else"),
    ],
)
def test_nothing_to_say(found: Any, rules: list[Any], keys: dict[str, Any]) -> None:
    assert found("DTR202", rules, idp=("okta:acme.okta.com",), **keys) == []


def test_hosts_of_entra_are_not_slips_of_each_other(found: Any) -> None:
    rules = [(["login-us.microsoftonline.com", "logincert.microsoftonline.com"], "tunnel")]
    assert found("DTR202", rules, idp=("entra",)) == []
