"""DTR107."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("pattern", ["*.168.1.*", "*192.168.*"])
def test_a_name_pattern_that_looks_like_an_address(found: Any, pattern: str) -> None:
    (finding,) = found("DTR107", [([pattern], "block")])
    assert finding.severity == "warning"
    assert "never matches one" in finding.finding.message
    assert finding.finding.example.decision.rule is None


def test_names_and_addresses_in_one_rule(found: Any) -> None:
    (finding,) = found("DTR107", [(["a.example", "10.0.0.0/8"], "tunnel")])
    assert (finding.severity, finding.finding.about) == ("note", "10.0.0.0/8")


def test_a_name_that_depends_on_what_it_resolves_to(found: Any) -> None:
    (finding,) = found("DTR107", [(["10.0.0.0/8"], "bypass"), (["a.example"], "tunnel")])
    assert finding.severity == "note"
    known, unknown = finding.finding.examples
    assert (str(known.flow.address), known.decision.action) == ("10.0.0.0", "bypass")
    assert (unknown.flow.address, unknown.decision.action) == (None, "tunnel")


def test_the_addresses_of_a_named_providers_login_hosts(found: Any) -> None:
    rules = [(["20.190.128.0/17"], "bypass"), (["login.microsoftonline.com"], "tunnel")]
    (finding,) = found("DTR107", rules, idp=("entra",))
    assert finding.severity == "warning"
    assert str(finding.finding.example.flow.host) == "login.microsoftonline.com"
    assert [each.severity for each in found("DTR107", rules)] == ["note"]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([(["a.example"], "tunnel"), (["10.0.0.0/8"], "bypass")], id="names-first"),
        pytest.param([(["10.0.0.0/8"], "tunnel"), (["a.example"], "tunnel")], id="same-action"),
        pytest.param([(["*.1a.*", "4.example"], "tunnel")], id="letters"),
    ],
)
def test_nothing_to_say(found: Any, rules: list[Any]) -> None:
    assert found("DTR107", rules) == []
