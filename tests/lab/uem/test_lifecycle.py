"""A device's life in the tenant: enrolment, profile, compliance action, and back, over its MDM channel."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

pytestmark = pytest.mark.anyio


async def test_the_certificate_names_the_device_that_asked_whatever_the_request_says(uem: Any) -> None:
    channel = await uem.enrol("PHONE-1")
    certificate = await uem.issue(channel)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:uem:device:PHONE-1"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate.verify_directly_issued_by(uem.tenant.authority.certificate)


async def test_marked_first_profile_removed_at_the_escalation_and_back_with_a_new_certificate(
    uem: Any,
) -> None:
    channel = await uem.enrol()
    assert await uem.check_in(channel, passcode=True) == ["InstallApplication", "InstallProfile"]
    device = uem.tenant.by_udid("PHONE-1")
    first = device.certificate

    assert await uem.check_in(channel, passcode=False) == []
    assert (device.compliance, set(device.installed)) == ("NonCompliant", {1001})

    answer = await uem.http.post("/lab/devices/PHONE-1/escalate", headers=uem.operator)
    assert answer.status_code == 200
    assert await uem.check_in(channel, passcode=False) == ["RemoveProfile"]
    assert (device.installed, device.actions_taken) == ({}, ["BlockRemoveProfile"])

    assert await uem.check_in(channel, passcode=True) == ["InstallProfile"]
    assert (device.compliance, set(device.installed)) == ("Compliant", {1001})
    assert first is not None
    assert device.certificate is not None
    assert device.certificate.fingerprint(hashes.SHA1()) != first.fingerprint(hashes.SHA1())


async def test_a_compliant_device_is_not_escalated(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    answer = await uem.http.post("/lab/devices/PHONE-1/escalate", headers=uem.operator)
    assert answer.status_code == 409
    assert await uem.check_in(channel, passcode=True) == []


async def test_no_certificate_without_a_due_installation(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    answer = await uem.http.post("/lab/mdm/certificate", json={"csr": uem.csr()}, headers=channel)
    assert answer.status_code == 403


async def test_no_certificate_for_an_unenrolled_device(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.http.patch("/lab/devices/PHONE-1", json={"enrollment": "Unenrolled"}, headers=uem.operator)
    answer = await uem.http.post("/lab/mdm/certificate", json={"csr": uem.csr()}, headers=channel)
    assert (answer.status_code, answer.json()["message"]) == (403, "the device is not enrolled")


async def test_the_product_can_order_profile_removal_and_installation(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    headers = await uem.rest()
    for verb, expected in (("remove", "RemoveProfile"), ("install", "InstallProfile")):
        answer = await uem.http.post(f"/API/mdm/profiles/1001/{verb}", json={"Udid": "PHONE-1"}, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert await uem.check_in(channel, passcode=True) == [expected]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/lab/devices"),
        ("GET", "/lab/devices/PHONE-1"),
        ("POST", "/lab/devices/PHONE-1/escalate"),
        ("POST", "/lab/rule-sets/Tunnel/publish"),
        ("GET", "/lab/events"),
    ],
)
async def test_the_operator_s_paths_want_the_operator_s_secret(uem: Any, method: str, path: str) -> None:
    channel = await uem.enrol()
    for headers in ({}, channel, await uem.rest()):
        assert (await uem.http.request(method, path, headers=headers)).status_code == 401


async def test_a_device_s_channel_wants_its_own_token(uem: Any) -> None:
    await uem.enrol()
    answer = await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=uem.operator)
    assert answer.status_code == 401


async def test_a_udid_is_enrolled_once(uem: Any) -> None:
    await uem.enrol("PHONE-1")
    body = {
        "udid": "PHONE-1",
        "platform": "Apple",
        "friendly_name": "x",
        "user_name": "x",
        "user_email": "x@x",
    }
    assert (await uem.http.post("/lab/devices", json=body, headers=uem.operator)).status_code == 409


async def test_a_wiped_device_is_unmanaged_from_the_order_on_and_can_enrol_again(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    device = uem.tenant.by_udid("PHONE-1")
    answer = await uem.http.post("/lab/devices/PHONE-1/wipe", json={"kind": "enterprise"}, headers=uem.operator)
    assert answer.json()["record"]["EnrollmentStatus"] == "EnterpriseWipePending"
    uem.tenant.publish("Tunnel", uem.tenant.delivery.rule_sets["Tunnel"].text)
    profiles = (await uem.http.get("/API/mdm/devices/1/profiles", headers=await uem.rest())).json()
    assert [each["Status"] for each in profiles["DeviceProfiles"]] == ["OutOfDate"]
    assert await uem.check_in(channel, passcode=True) == ["EnterpriseWipe"]
    assert (device.enrollment, device.installed, device.certificate) == ("Unenrolled", {}, None)
    gone = await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=channel)
    assert (gone.status_code, gone.json()["message"]) == (403, "the device is not enrolled")

    again = await uem.enrol("PHONE-1")
    assert await uem.check_in(again, passcode=True) == ["InstallApplication", "InstallProfile"]
    new = uem.tenant.by_udid("PHONE-1")
    assert (new.id, new.managed, len(new.thumbprints)) == (device.id, True, 2)
    dead = await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=channel)
    assert dead.status_code == 401


async def test_a_replaced_phone_is_another_device_of_the_same_person(uem: Any) -> None:
    await uem.enrol("OLD")
    assert (await uem.http.post("/lab/devices/OLD/unenrol", headers=uem.operator)).status_code == 200
    await uem.enrol("NEW")
    found = (await uem.http.get("/API/mdm/devices/search?user=anna", headers=await uem.rest())).json()["Devices"]
    assert [(each["Udid"], each["EnrollmentStatus"]) for each in found] == [("OLD", "Unenrolled"), ("NEW", "Enrolled")]
    assert (await uem.http.delete("/lab/devices/OLD", headers=uem.operator)).status_code == 204
    assert (await uem.http.get("/API/mdm/devices/udid/OLD", headers=await uem.rest())).status_code == 404


@pytest.mark.parametrize("platform", ["Apple", "Android", "WinRT", "AppleOsX"])
async def test_every_platform_gets_its_own_profile_and_tunnel_app(uem: Any, platform: str) -> None:
    body = {
        "udid": "X",
        "platform": platform,
        "friendly_name": "Ben's device",
        "user_name": "ben",
        "user_email": "ben@acme.example",
        "serial_number": "C02XYZ",
        "model": "a model",
        "ownership": "E",
        "group": "Field",
    }
    made = await uem.http.post("/lab/devices", json=body, headers=uem.operator)
    channel = {"Authorization": f"Bearer {made.json()['channel_token']}"}
    await uem.check_in(channel, passcode=True)
    change = {"friendly_name": "Renamed", "ownership": "S"}
    shown = (await uem.http.patch("/lab/devices/X", json=change, headers=uem.operator)).json()
    record = shown["record"]
    assert (record["DeviceFriendlyName"], record["Ownership"], record["LocationGroupName"]) == ("Renamed", "S", "Field")
    (profile,) = shown["installed_profiles"]
    assert uem.tenant.delivery.profiles[profile].platform == platform
    assert (len(shown["apps"]), shown["queue"], len(shown["thumbprint"])) == (1, [], 40)
