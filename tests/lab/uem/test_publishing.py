"""Rule sets and profiles: Save, Save and Publish, what devices have in the end, and the certificates on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dtr_rules import UnusableFileError, parse_rule_set
from dtr_rules.formats.uem import parse_uem
from lab.uem import Tenant
from lab.uem.inventory import DevicePlatform, ManagedDevice, Sample
from lab.uem.profile import TunnelGateway, TunnelProfile

pytestmark = pytest.mark.anyio

SET = "Tunnel"
NEW_RULES = """
version: 1
name: login
mode: per-app
default: bypass
rules:
  - {name: identity-providers, platforms: [ios, android], apps: all, action: tunnel, to: ["new.example"]}
"""
FOR_ANDROID = """
version: 1
name: login
mode: per-app
default: bypass
rules:
  - {name: identity-providers, platforms: [ios, android], apps: all, action: tunnel, to: ["acme.okta.com"]}
  - {name: old-mail, platforms: [android], apps: [com.example.newmail], action: block, to: ["mail.example:993"]}
"""


def on_device(device: ManagedDevice) -> tuple[int, int]:
    """The versions of the profile and of the rules that are on a device."""
    (installed,) = device.installed.values()
    return installed.version, installed.rule_set_version


async def test_save_reaches_new_devices_and_publish_everybody_with_a_new_certificate(uem: Any) -> None:
    old_channel = await uem.enrol("OLD")
    await uem.check_in(old_channel, passcode=True)
    old = uem.tenant.by_udid("OLD")
    answer = await uem.http.post(f"/lab/rule-sets/{SET}/save", json={"text": NEW_RULES}, headers=uem.operator)
    assert answer.json() == {"name": SET, "version": 2}
    new_channel = await uem.enrol("NEW")
    await uem.check_in(new_channel, passcode=True)
    assert await uem.check_in(old_channel, passcode=True) == []
    assert (on_device(old), on_device(uem.tenant.by_udid("NEW"))) == ((1, 1), (1, 2))
    profiles = await uem.http.get("/API/mdm/devices/1/profiles", headers=await uem.rest())
    assert profiles.json()["DeviceProfiles"][0]["Status"] == "ConfirmedInstall"

    answer = await uem.http.post(f"/lab/rule-sets/{SET}/publish", json={"text": NEW_RULES}, headers=uem.operator)
    assert answer.json()["profiles"][0] == {"id": 1001, "version": 2}
    before = old.thumbprints[-1]
    assert await uem.check_in(old_channel, passcode=True) == ["InstallProfile"]
    assert (on_device(old), len(old.thumbprints)) == ((2, 3), 2)
    assert old.thumbprints[-1] != before


async def test_what_a_device_fetched_counts_not_what_was_saved_before_it_confirmed(uem: Any) -> None:
    channel = await uem.enrol()
    commands = (await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=channel)).json()
    uem.tenant.save(SET, NEW_RULES)
    await uem.issue(channel)
    for command in commands["commands"]:
        await uem.http.post(f"/lab/mdm/commands/{command['id']}/acknowledge", headers=channel)
    delivered = commands["commands"][1]["profile"]
    assert (delivered["rule_set"]["version"], on_device(uem.tenant.by_udid("PHONE-1"))) == (1, (1, 1))
    assert parse_rule_set(delivered["device_traffic_rules"], "delivered").rule_set.name == "login"


@pytest.mark.parametrize(
    ("everywhere", "rules", "platforms"),
    [
        pytest.param(True, FOR_ANDROID, ["Apple", "Android", "WinRT", "AppleOsX"], id="all-that-refer-to-the-set"),
        pytest.param(False, FOR_ANDROID, ["Apple", "Android"], id="an-android-change-reaches-ios"),
        pytest.param(
            False, FOR_ANDROID.replace("default: bypass", "default: block"), None, id="the-default-is-everybody-s"
        ),
    ],
)
async def test_whom_a_publication_reaches(
    tenant: Tenant, everywhere: bool, rules: str, platforms: list[str] | None
) -> None:
    tenant.turn(publish_unchanged_platforms=everywhere)
    published = tenant.publish(SET, rules)
    assert [profile.platform for profile in published] == (platforms or ["Apple", "Android", "WinRT", "AppleOsX"])


async def test_a_publication_leaves_devices_alone_that_lost_the_profile_to_a_policy(tenant: Tenant) -> None:
    device = tenant.enrol("X", DevicePlatform.APPLE, friendly_name="x", user_name="x", user_email="x@acme.example")
    for command in tenant.check_in(device, Sample()):
        tenant.acknowledge(device, command.id)
    tenant.check_in(device, Sample(passcode_present=False))
    tenant.escalate(device)
    tenant.publish(SET, NEW_RULES)
    assert [command.type for command in device.commands] == ["RemoveProfile"]
    (install,) = tenant.check_in(device, Sample())
    tenant.acknowledge(device, install.id)
    assert on_device(device) == (2, 2)


async def test_unusable_rules_are_refused_with_their_place_and_change_nothing(uem: Any) -> None:
    body = {"text": NEW_RULES.replace("action: tunnel", "action: tunel")}
    answer = await uem.http.post(f"/lab/rule-sets/{SET}/publish", json=body, headers=uem.operator)
    assert answer.status_code == 400
    assert "Tunnel:7:" in answer.json()["message"]
    assert "did you mean 'tunnel'" in answer.json()["message"]
    assert uem.tenant.delivery.rule_sets[SET].version == 1
    with pytest.raises(UnusableFileError):
        uem.tenant.save("Other", "version: 1\n")
    assert "Other" not in uem.tenant.delivery.rule_sets


async def test_the_wire_form_of_a_set_reads_back_as_the_same_rules(uem: Any) -> None:
    await uem.enrol()
    device = uem.tenant.by_udid("PHONE-1")
    answer = await uem.http.get(f"/API/mdm/devices/{device.uuid}/tunnel/profile", headers=await uem.rest())
    body = answer.json()
    saved = uem.tenant.delivery.rule_sets[SET]
    read = parse_uem(json.dumps(body["device_traffic_rule_set"]), "wire").rule_set
    assert [(rule.action, rule.destinations) for rule in read.rules] == [
        (rule.action, rule.destinations) for rule in saved.rules.rules
    ]
    (_, android) = body["device_traffic_rule_set"]["payload"]
    assert android["platform"] == "ANDROID"
    assert set(android["rules"][1]) == {"id", "uuid", "serial_number", "action", "applications", "destinations"}
    assert android["rules"][1]["serial_number"] == "2"
    assert body["gateway"]["port"] == 8443
    again = uem.tenant.save("from the wire", json.dumps(body))
    assert again.rules.rules[0].destinations == saved.rules.rules[0].destinations


async def test_a_profile_needs_its_rule_set(tenant: Tenant) -> None:
    gateway = TunnelGateway("127.41.0.1", 8443, "PEM")
    with pytest.raises(LookupError, match="no rule set 'Nothing'"):
        tenant.delivery.add_profile(TunnelProfile(1, "x", DevicePlatform.APPLE, "Nothing", gateway))
