"""Compliance policies: what breaks them, what they do at once, and what follows by the tenant's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from lab.uem import Tenant
from lab.uem.acme import RESTRICTED
from lab.uem.apps import TUNNEL_APP
from lab.uem.automation import Reinstall
from lab.uem.compliance.actions import ActionType, InstallComplianceProfile, Notify, RemoveProfile, RevokeTokens
from lab.uem.compliance.policy import CompliancePolicy, Step
from lab.uem.compliance.rules import AppPresent, Encrypted, NotCompromised, OsAtLeast, PasscodePresent, Rule, SeenWithin
from lab.uem.inventory import CommandType, DevicePlatform, ManagedDevice, Sample

pytestmark = pytest.mark.anyio

GOOD, BAD = Sample(), Sample(passcode_present=False)
TUNNEL_ID, RESTRICTED_ID = 1001, 1011
IN_TWO_STEPS = (
    Step(mark_not_compliant=True, actions=(Notify(ActionType.SEND_EMAIL),)),
    Step(after=timedelta(hours=4), actions=(RemoveProfile("Tunnel"), InstallComplianceProfile(RESTRICTED))),
    Step(after=timedelta(hours=20), actions=(RevokeTokens(),)),
)


def passcode(*steps: Step) -> CompliancePolicy:
    return CompliancePolicy("Passcode", (PasscodePresent(),), steps)


def enrolled(tenant: Tenant, udid: str = "PHONE-1", platform: DevicePlatform = DevicePlatform.APPLE) -> ManagedDevice:
    """A device that has everything it is to have."""
    device = tenant.enrol(udid, platform, friendly_name="x", user_name="anna", user_email="anna@acme.example")
    check_in(tenant, device, GOOD)
    return device


def check_in(tenant: Tenant, device: ManagedDevice, sample: Sample) -> list[tuple[str, int]]:
    """Report, and do everything that the queue holds; what that was."""
    commands = tenant.check_in(device, sample)
    for command in commands:
        tenant.acknowledge(device, command.id)
    return [(command.type.value, command.profile_id) for command in commands]


def queued(device: ManagedDevice) -> list[tuple[str, int]]:
    return [(command.type.value, command.profile_id) for command in device.commands]


async def test_marked_at_once_restricted_after_hours_tokens_revoked_a_day_later(tenant: Tenant, clock: Any) -> None:
    revoked: list[str] = []

    async def revoke(user: str) -> None:
        revoked.append(user)

    tenant.compliance.policies[:] = [passcode(*IN_TWO_STEPS)]
    tenant.revocations.revoke = revoke
    device = enrolled(tenant)
    assert check_in(tenant, device, BAD) == []
    assert (device.compliance, device.actions_taken) == ("NonCompliant", ["SendEmail"])
    assert [message.udid for message in tenant.measures.messages] == ["PHONE-1"]

    clock.advance(hours=3, minutes=59)
    await tenant.run_due()
    assert queued(device) == []
    clock.advance(minutes=1)
    await tenant.run_due()
    assert queued(device) == [("RemoveProfile", TUNNEL_ID), ("InstallProfile", RESTRICTED_ID)]
    check_in(tenant, device, BAD)
    assert list(device.installed) == [RESTRICTED_ID]

    clock.advance(hours=19, minutes=59)
    await tenant.run_due()
    assert revoked == []
    clock.advance(minutes=1)
    await tenant.run_due()
    await tenant.run_due()
    assert revoked == ["anna@acme.example"]
    assert device.actions_taken == ["SendEmail", "BlockRemoveProfile", "InstallComplianceProfile", "Unknown"]

    assert check_in(tenant, device, GOOD) == [("RemoveProfile", RESTRICTED_ID), ("InstallProfile", TUNNEL_ID)]
    assert (device.compliance, list(device.installed), device.actions_taken) == ("Compliant", [TUNNEL_ID], [])


async def test_a_policy_may_take_the_profile_and_leave_the_status_until_the_grace_time_is_over(
    tenant: Tenant, clock: Any
) -> None:
    grace = passcode(Step(actions=(RemoveProfile("Tunnel"),)), Step(after=timedelta(days=3), mark_not_compliant=True))
    tenant.compliance.policies[:] = [grace]
    device = enrolled(tenant)
    assert check_in(tenant, device, BAD) == [("RemoveProfile", TUNNEL_ID)]
    assert (device.compliance, device.installed) == ("Compliant", {})
    clock.advance(days=3)
    await tenant.run_due()
    assert device.compliance == "NonCompliant"


async def test_steps_that_a_leap_of_the_clock_passed_come_in_their_order(tenant: Tenant, clock: Any) -> None:
    tenant.compliance.policies[:] = [passcode(*IN_TWO_STEPS)]
    device = enrolled(tenant)
    tenant.check_in(device, BAD)
    clock.advance(days=7)
    await tenant.run_due()
    assert device.actions_taken == ["SendEmail", "BlockRemoveProfile", "InstallComplianceProfile"]
    assert tenant.revocations.done[0].error == "the tenant has no integration with Entra"


async def test_a_mend_before_the_device_fetched_anything_leaves_everything_as_it_was(
    tenant: Tenant, clock: Any
) -> None:
    tenant.compliance.policies[:] = [passcode(*IN_TWO_STEPS)]
    device = enrolled(tenant)
    first = device.installed[TUNNEL_ID]
    tenant.check_in(device, BAD)
    clock.advance(hours=4)
    await tenant.run_due()
    assert check_in(tenant, device, GOOD) == []
    assert device.installed == {TUNNEL_ID: first}


async def test_a_profile_that_two_policies_took_comes_back_when_both_are_kept(tenant: Tenant) -> None:
    removes = (Step(mark_not_compliant=True, actions=(RemoveProfile("Tunnel"),)),)
    encryption = CompliancePolicy("Encryption", (Encrypted(),), removes)
    tenant.compliance.policies[:] = [passcode(*removes), encryption]
    device = enrolled(tenant)
    assert check_in(tenant, device, Sample(passcode_present=False, encrypted=False)) == [("RemoveProfile", TUNNEL_ID)]
    assert check_in(tenant, device, Sample(passcode_present=False)) == []
    assert device.compliance == "NonCompliant"
    assert check_in(tenant, device, GOOD) == [("InstallProfile", TUNNEL_ID)]


async def test_tokens_are_revoked_for_phones_only_and_what_entra_refuses_is_written_down(tenant: Tenant) -> None:
    async def revoke(user: str) -> None:
        raise httpx.ConnectError("Graph is away")

    tenant.compliance.policies[:] = [passcode(Step(actions=(RevokeTokens(),)))]
    tenant.revocations.revoke = revoke
    phone, laptop = enrolled(tenant), enrolled(tenant, "LAPTOP-1", DevicePlatform.WINDOWS)
    for device in (phone, laptop):
        tenant.check_in(device, BAD)
    await tenant.run_due()
    assert [each.error for each in tenant.revocations.done] == ["Graph is away"]
    assert (phone.actions_taken, laptop.actions_taken) == ([], [])


async def test_a_silent_device_breaks_a_rule_about_time_and_keeps_it_again_when_it_speaks(
    tenant: Tenant, clock: Any
) -> None:
    seen = CompliancePolicy("Last seen", (SeenWithin(timedelta(days=1)),), (Step(mark_not_compliant=True),))
    tenant.compliance.policies[:] = [seen]
    device = enrolled(tenant)
    clock.advance(days=1, seconds=1)
    await tenant.run_due()
    assert device.compliance == "NonCompliant"
    tenant.check_in(device, GOOD)
    assert device.compliance == "Compliant"


OLD_VERSION, NEW_VERSION = Sample(os_version="iOS 17.3.1"), Sample(os_version="17.10")
RULES = [
    pytest.param(PasscodePresent(), BAD, False, id="no-passcode"),
    pytest.param(Encrypted(), Sample(encrypted=False), False, id="not-encrypted"),
    pytest.param(NotCompromised(), Sample(compromised=True), False, id="compromised"),
    pytest.param(NotCompromised(), GOOD, True, id="not-compromised"),
    pytest.param(OsAtLeast("17.4"), OLD_VERSION, False, id="version-too-old"),
    pytest.param(OsAtLeast("17.4"), NEW_VERSION, True, id="versions-are-numbers-not-text"),
    pytest.param(OsAtLeast("17.10.0"), NEW_VERSION, True, id="a-missing-number-is-zero"),
    pytest.param(OsAtLeast("17.4"), GOOD, None, id="no-version-reported"),
    pytest.param(AppPresent(TUNNEL_APP), Sample(apps=frozenset()), False, id="tunnel-app-removed"),
    pytest.param(AppPresent(TUNNEL_APP), GOOD, True, id="tunnel-app-as-installed"),
]


@pytest.mark.parametrize(("rule", "sample", "kept"), RULES)
async def test_what_keeps_a_rule(tenant: Tenant, clock: Any, rule: Rule, sample: Sample, kept: bool | None) -> None:
    device = enrolled(tenant)
    tenant.check_in(device, sample)
    assert rule.kept(device, clock.now()) is kept


async def test_a_tunnel_app_that_is_on_its_way_breaks_nothing(tenant: Tenant, clock: Any) -> None:
    device = tenant.enrol("X", DevicePlatform.ANDROID, friendly_name="x", user_name="x", user_email="x@acme.example")
    tenant.check_in(device, Sample(apps=frozenset({"com.example.other"})))
    assert AppPresent(TUNNEL_APP).kept(device, clock.now()) is None


async def test_a_policy_is_for_its_platforms_and_groups(tenant: Tenant) -> None:
    for_sales = CompliancePolicy(
        "Sales",
        (PasscodePresent(),),
        (Step(mark_not_compliant=True),),
        platforms=frozenset({DevicePlatform.APPLE}),
        groups=frozenset({"Sales"}),
    )
    tenant.compliance.policies[:] = [for_sales]
    device, laptop = enrolled(tenant), enrolled(tenant, "MAC-1", DevicePlatform.MACOS)
    tenant.edit(laptop, group="Sales")
    for each in (device, laptop):
        tenant.check_in(each, BAD)
    assert (device.compliance, laptop.compliance) == ("Compliant", "Compliant")
    tenant.edit(device, group="Sales")
    tenant.check_in(device, BAD)
    assert device.compliance == "NonCompliant"


async def test_an_operator_s_word_holds_until_the_next_check_in(tenant: Tenant) -> None:
    device = enrolled(tenant)
    tenant.set_state(device, compliance=type(device.compliance).QUARANTINED)
    await tenant.run_due()
    assert device.compliance == "Quarantined"
    tenant.check_in(device, GOOD)
    assert device.compliance == "Compliant"


async def test_the_user_removes_the_tunnel_app_and_the_automation_pushes_it_again(tenant: Tenant, clock: Any) -> None:
    wanted = CompliancePolicy("Tunnel app", (AppPresent(TUNNEL_APP),), (Step(mark_not_compliant=True),))
    tenant.compliance.policies[:] = [wanted]
    tenant.automations.active.append(Reinstall(TUNNEL_APP, timedelta(minutes=10)))
    device = enrolled(tenant)
    assert check_in(tenant, device, Sample(apps=frozenset())) == []
    assert device.compliance == "NonCompliant"
    clock.advance(minutes=10)
    await tenant.run_due()
    (push,) = device.commands
    assert (push.type, push.app) == (CommandType.INSTALL_APP, "com.air-watch.tunnel")
    tenant.acknowledge(device, push.id)
    tenant.check_in(device, Sample(apps=device.apps))
    assert (device.compliance, device.commands) == ("Compliant", [])


async def test_the_automation_leaves_alone_whoever_put_the_app_back(tenant: Tenant, clock: Any) -> None:
    tenant.automations.active.append(Reinstall(TUNNEL_APP, timedelta(minutes=10)))
    device = enrolled(tenant)
    with_app = device.apps
    tenant.check_in(device, Sample(apps=frozenset()))
    clock.advance(minutes=5)
    tenant.check_in(device, Sample(apps=with_app))
    clock.advance(hours=1)
    await tenant.run_due()
    assert device.commands == []


async def test_policies_as_data_by_the_operator(uem: Any, clock: Any) -> None:
    policy = {
        "name": "Everything",
        "rules": ["passcode", "tunnel-app", {"os-at-least": "17.4"}, {"seen-within": "7d"}],
        "platforms": ["Apple"],
        "steps": [
            {"actions": ["send-push", {"remove-profile": "Tunnel"}]},
            {"after": "3d", "mark-not-compliant": True, "actions": ["revoke-tokens"]},
        ],
    }
    path = "/lab/compliance-policies"
    answer = await uem.http.put(path, json={"policies": [policy]}, headers=uem.operator)
    assert answer.status_code == 204, answer.text
    device = enrolled(uem.tenant)
    uem.tenant.check_in(device, Sample(os_version="17.3"))
    assert (device.compliance, device.actions_taken) == ("Compliant", ["SendPushNotification", "BlockRemoveProfile"])
    clock.advance(days=3)
    await uem.tenant.run_due()
    assert device.compliance == "NonCompliant"

    for wrong, words in (
        ({**policy, "rules": []}, "policies.0.rules"),
        ({**policy, "rules": ["password"]}, "policies.0.rules.0"),
        ({**policy, "steps": [{"after": "soon"}]}, "policies.0.steps.0.after"),
    ):
        refused = await uem.http.put(path, json={"policies": [wrong]}, headers=uem.operator)
        assert refused.status_code == 400
        assert words in refused.json()["message"]
    twice = await uem.http.put(path, json={"policies": [policy, policy]}, headers=uem.operator)
    assert (twice.status_code, len(uem.tenant.compliance.policies)) == (400, 1)
