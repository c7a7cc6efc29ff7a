"""What to type into the console: rank by rank, destinations in one line, the default action last."""

from __future__ import annotations

from dtr_rules import parse_rule_set
from dtr_rules.formats.console import as_text, typing

RULES = """\
version: 1
name: login
mode: per-app
default: proxy
default-proxy: p.example:3128
rules:
  - {name: mail, platforms: [android], apps: [com.b, com.a], action: block, to: [bücher.example, "10.0.0.0/8:443"]}
  - {name: login, apps: all, action: tunnel-proxy, proxy: "q.example:1", to: [ACME.okta.com, "*"]}
"""


def test_everything_is_said_in_the_order_of_typing() -> None:
    assert (
        as_text(typing(parse_rule_set(RULES, "r.yaml").rule_set))
        == """\
No public API of the UEM writes rule sets: this has to be typed into its console.
tab: Per Application

rank 1  (mail)
  platforms     Android
  applications  com.a, com.b
  action        Block
  destinations  xn--bcher-kva.example,10.0.0.0/8:443
  note          which platforms take addresses and ports is not documented; try it on a device

rank 2  (login)
  platforms     iOS, Android, Windows, macOS
  applications  All Applications
  action        Tunnel + Proxy
  proxy         q.example:1
  destinations  ACME.okta.com,*
  note          '*' belongs to the default action; the console may refuse it as a destination

default action: Proxy p.example:3128
Then choose Save and Publish: with Save alone, devices that have the profile keep the old rules. \
Publishing installs the profile again on every assigned device, which gives each a new client certificate.
"""
    )


def test_all_applications_of_some_platforms_has_a_note() -> None:
    rule = "{name: a, platforms: [ios], apps: all, action: block, to: [a.example]}"
    text = f"version: 1\nname: a\nmode: per-app\ndefault: bypass\nrules: [{rule}]\n"
    assert "for these platforms alone, pick the apps" in as_text(typing(parse_rule_set(text, "r.yaml").rule_set))


def test_a_full_device_set_goes_to_its_own_tab() -> None:
    text = "version: 1\nname: a\nmode: full-device\ndefault: bypass\nrules: []\n"
    document = typing(parse_rule_set(text, "r.yaml").rule_set).as_json()
    assert document == {"tab": "Full Device", "rows": [], "default_action": "Bypass", "default_proxy": None}
