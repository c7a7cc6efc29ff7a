"""DTR201."""

from __future__ import annotations

from typing import Any

from dtr_rules.catalogue.login_hosts import PathClass

ENTRA = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]


def names(findings: list[Any], severity: str) -> list[str]:
    return [each.finding.about for each in findings if each.severity == severity]


def test_every_host_where_the_address_is_judged(found: Any) -> None:
    rule = {"to": ["other.example"], "action": "tunnel", "platforms": ["ios"]}
    findings = found("DTR201", [rule], idp=("okta:acme.okta.com", "okta-custom:login.acme.example", "entra"))
    everything = ["acme.okta.com", "login.acme.example", *ENTRA]
    assert sorted(names(findings, "error")) == sorted(everything)
    assert names(findings, "warning") == []
    assert names(findings, "note") == ["okta:acme.okta.com", "entra"]
    assert "acme-admin.okta.com (recorded)" in next(
        each.finding.message for each in findings if each.severity == "note"
    )


def test_a_set_that_tunnels_them_all_has_notes_only(found: Any) -> None:
    rule = {"to": [*ENTRA, "acme.okta.com"], "action": "tunnel", "platforms": ["ios"]}
    findings = found("DTR201", [rule], idp=("okta:acme.okta.com", "entra"))
    assert {each.severity for each in findings} == {"note"}


def test_token_and_device_hosts_of_windows(found: Any) -> None:
    rule = {"to": ENTRA, "action": "tunnel", "platforms": ["windows"]}
    findings = found("DTR201", [rule], idp=("entra",), mode="full-device")
    expected = ["device.login.microsoftonline.com", "autologon.microsoftazuread-sso.com"]
    assert names(findings, "warning") == expected


def test_platforms_and_apps_are_told_apart(found: Any) -> None:
    rules = [
        {"to": ["acme.okta.com"], "action": "tunnel", "platforms": ["ios"]},
        {"to": ["acme.okta.com"], "action": "tunnel", "platforms": ["android"], "apps": ["com.a"]},
    ]
    found_here = found("DTR201", rules, idp=("okta:acme.okta.com",), profile_apps=["com.a", "com.b"])
    (finding,) = [each for each in found_here if each.severity == "error"]
    assert "for com.b on android" in finding.finding.message
    assert [(each.flow.platform, each.flow.app) for each in finding.finding.examples] == [("android", "com.b")]


def test_apps_that_the_file_does_not_name_are_a_warning(found: Any) -> None:
    rule = {"to": ["acme.okta.com"], "action": "tunnel", "apps": ["com.a"], "platforms": ["ios"]}
    findings = found("DTR201", [rule], idp=("okta:acme.okta.com",))
    assert names(findings, "error") == []
    assert names(findings, "warning") == ["acme.okta.com"]
    (finding,) = [each for each in findings if each.severity == "warning"]
    assert "any other app on ios" in finding.finding.message


def test_a_proxy_behind_the_tunnel_shows_its_own_address(found: Any) -> None:
    rule = {"to": ["acme.okta.com"], "action": "tunnel-proxy", "proxy": "p.example:80", "platforms": ["ios"]}
    findings = found("DTR201", [rule], idp=("okta:acme.okta.com",))
    (finding,) = [each for each in findings if each.finding.about == "acme.okta.com"]
    assert "to a proxy, whose address the provider sees" in finding.finding.message


def test_no_rule_at_all_is_one_finding_whatever_the_reason(found: Any) -> None:
    rule = {"to": ["a.example"], "action": "tunnel", "platforms": ["ios"]}
    apps = ["com.a", "com.apple.mobilesafari"]
    (finding,) = [
        each
        for each in found("DTR201", [rule], idp=("okta:acme.okta.com",), profile_apps=apps)
        if each.severity == "error"
    ]
    assert "by the default action for com.a on ios" in finding.finding.message
    assert (
        "since the default action does not apply to Safari for com.apple.mobilesafari on ios" in finding.finding.message
    )


def test_the_rule_that_keeps_a_host_outside_is_the_place(found: Any) -> None:
    rule = {"to": ["*.okta.com"], "action": "bypass", "platforms": ["ios"]}
    finding = found("DTR201", [rule], idp=("okta:acme.okta.com",), default="tunnel")[-1]
    assert (finding.rule, finding.finding.path) == ("r1", ("rules", 0))


def test_the_other_classes_are_shown_when_asked_for(found: Any) -> None:
    rule = {"to": ENTRA, "action": "tunnel", "platforms": ["ios"]}
    strict = found("DTR201", [rule], idp=("entra",), paths=(PathClass.STRICT_CAE,))
    assert names(strict, "warning") == [
        "graph.microsoft.com", "graph.windows.net", "outlook.office365.com", "outlook.office.com", "*.sharepoint.com",
        "teams.microsoft.com",
    ]  # fmt: skip
    never = found("DTR201", [rule], idp=("entra",), paths=(PathClass.NEVER,))
    assert {each.severity for each in never} == {"note"}
    assert "enterpriseregistration.windows.net (memory)" in never[-1].finding.message


def test_nothing_without_a_named_provider(found: Any) -> None:
    assert found("DTR201", [(["a.example"], "tunnel")]) == []
