"""Which way connections go: by app, host, network, platform, mode, and without the Tunnel app."""

from __future__ import annotations

import pytest

from dtr_rules import DecisionReason, Index, Platform, parse_rule_set
from lab.device import Knobs, Path, Route, find_app
from lab.device.routing import Situation, route

PER_APP = """\
version: 1
name: login
mode: per-app
default: tunnel
profile-apps: [com.microsoft.Office.Outlook, com.apple.mobilesafari, com.apple.mobilemail]
rules:
  - {name: exact, platforms: [ios, android], apps: all, action: tunnel, to: ["acme.okta.com"]}
  - {name: dotless, platforms: [ios], apps: all, action: tunnel, to: ["*branded.example"]}
  - {name: dotted, platforms: [ios], apps: all, action: tunnel, to: ["*.tenant.example"]}
  - {name: networks, platforms: [ios], apps: all, action: block, to: ["203.0.113.0/24:443", "2001:db8::/32"]}
  - {name: others, platforms: [ios], apps: all, action: bypass, to: ["*.example", "*.com", "*.net"]}
"""
FULL_DEVICE = """\
version: 1
name: laptops
mode: full-device
default: bypass
rules:
  - {name: login, platforms: [windows, macos], apps: all, action: tunnel, to: ["acme.okta.com"]}
  - {name: mail, platforms: [windows, macos], apps: all, action: block, to: ["outlook.office365.com"]}
"""


def way(rules: str | None, platform: Platform, app: str, host: str, **more: object) -> Route:
    installed = Index(parse_rule_set(rules, "rules.yaml").rule_set) if rules is not None else None
    situation = Situation(platform, installed, **more)  # type: ignore[arg-type]
    return route(situation, app=find_app(platform, app).id, host=host, port=443)


@pytest.mark.parametrize(
    ("app", "host", "path", "reason"),
    [
        pytest.param("outlook", "acme.okta.com", Path.TUNNEL, DecisionReason.RULE, id="app-with-profile"),
        pytest.param(
            "boxer", "acme.okta.com", Path.DIRECT, DecisionReason.NOT_IN_VPN_PROFILE, id="app-without-profile"
        ),
        pytest.param("outlook", "unnamed.org", Path.TUNNEL, DecisionReason.DEFAULT_ACTION, id="default-action"),
        pytest.param("safari", "acme.okta.com", Path.TUNNEL, DecisionReason.RULE, id="safari-by-rule"),
        pytest.param(
            "safari", "unnamed.org", Path.DIRECT, DecisionReason.SAFARI_HAS_NO_DEFAULT, id="safari-no-default"
        ),
        pytest.param("mail", "acme.okta.com", Path.DIRECT, None, id="native-mail-in-spite-of-its-profile"),
        pytest.param("settings", "acme.okta.com", Path.DIRECT, None, id="settings"),
        pytest.param(
            "outlook", "evilacme.okta.com", Path.DIRECT, DecisionReason.RULE, id="look-alike-of-an-exact-host"
        ),
        pytest.param("outlook", "evilbranded.example", Path.TUNNEL, DecisionReason.RULE, id="look-alike-of-a-dotless"),
        pytest.param("outlook", "login.tenant.example", Path.TUNNEL, DecisionReason.RULE, id="below-a-dotted-wildcard"),
        pytest.param("outlook", "tenant.example", Path.DIRECT, DecisionReason.RULE, id="apex-of-a-dotted-wildcard"),
        pytest.param("outlook", "ACME.okta.COM.", Path.TUNNEL, DecisionReason.RULE, id="capitals-and-a-final-dot"),
        pytest.param("outlook", "203.0.113.9", Path.BLOCKED, DecisionReason.RULE, id="ipv4-literal"),
        pytest.param("outlook", "2001:db8::9", Path.BLOCKED, DecisionReason.RULE, id="ipv6-literal"),
        pytest.param("outlook", "::ffff:203.0.113.9", Path.BLOCKED, DecisionReason.RULE, id="ipv4-mapped-literal"),
        pytest.param("outlook", "198.51.100.9", Path.TUNNEL, DecisionReason.DEFAULT_ACTION, id="literal-in-no-rule"),
        pytest.param("outlook", "127.0.0.1", Path.DIRECT, DecisionReason.LOOPBACK, id="the-device-itself"),
        pytest.param("outlook", "0x7f.1", Path.BLOCKED, None, id="a-host-that-two-readers-read-differently"),
    ],
)
def test_per_application(app: str, host: str, path: Path, reason: DecisionReason | None) -> None:
    found = way(PER_APP, Platform.IOS, app, host)
    assert (found.path, found.reason) == (path, reason), found.why


@pytest.mark.parametrize("platform", [Platform.WINDOWS, Platform.MACOS], ids=str)
@pytest.mark.parametrize("app", ["outlook", "chrome", "crm", "okta-verify"])
def test_full_device_takes_every_app(platform: Platform, app: str) -> None:
    assert way(FULL_DEVICE, platform, app, "acme.okta.com").path is Path.TUNNEL
    assert way(FULL_DEVICE, platform, app, "outlook.office365.com").path is Path.BLOCKED
    assert way(FULL_DEVICE, platform, app, "unnamed.org").path is Path.DIRECT


def test_rules_of_another_platform_are_not_for_this_one() -> None:
    assert way(FULL_DEVICE, Platform.IOS, "outlook", "acme.okta.com").reason is DecisionReason.DEFAULT_ACTION


def test_without_a_profile_everything_is_direct() -> None:
    assert way(None, Platform.IOS, "outlook", "acme.okta.com").path is Path.DIRECT


@pytest.mark.parametrize(
    ("rules", "platform", "host", "path"),
    [
        pytest.param(PER_APP, Platform.IOS, "acme.okta.com", Path.BLOCKED, id="ios-what-would-be-tunnelled"),
        pytest.param(PER_APP, Platform.IOS, "other.example", Path.DIRECT, id="ios-what-would-go-direct"),
        pytest.param(FULL_DEVICE, Platform.WINDOWS, "acme.okta.com", Path.DIRECT, id="windows-what-would-be-tunnelled"),
        pytest.param(FULL_DEVICE, Platform.WINDOWS, "outlook.office365.com", Path.DIRECT, id="windows-nobody-blocks"),
    ],
)
def test_without_the_tunnel_app_nobody_applies_the_rules(rules: str, platform: Platform, host: str, path: Path) -> None:
    found = way(rules, platform, "outlook", host, has_tunnel_app=False)
    assert (found.path, "Tunnel app" in found.why) == (path, True)


def test_what_a_missing_tunnel_app_does_is_a_knob() -> None:
    knobs = Knobs(cut_off_without_tunnel_app=frozenset({Platform.WINDOWS}))
    more = {"has_tunnel_app": False, "knobs": knobs}
    assert way(PER_APP, Platform.IOS, "outlook", "acme.okta.com", **more).path is Path.DIRECT
    assert way(FULL_DEVICE, Platform.WINDOWS, "outlook", "acme.okta.com", **more).path is Path.BLOCKED


def test_on_a_trusted_network_the_client_stands_down_where_it_knows_one() -> None:
    here = way(PER_APP, Platform.IOS, "outlook", "acme.okta.com", on_trusted_network=True)
    assert (here.path, here.reason) == (Path.DIRECT, DecisionReason.GO_DIRECT)
    knobs = Knobs(detects_trusted_networks=frozenset({Platform.WINDOWS}))
    unaware = way(PER_APP, Platform.IOS, "outlook", "acme.okta.com", on_trusted_network=True, knobs=knobs)
    assert unaware.path is Path.TUNNEL
