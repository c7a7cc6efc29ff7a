"""Users, groups and devices over the API, and what ending sessions ends."""

from __future__ import annotations

import pytest

from lab.okta.acme import ADMIN, CLIENT_ID, LOGIN, OLD_ADDRESS, ZONE_RULE
from lab.okta.knobs import Knobs

pytestmark = pytest.mark.anyio

INSIDE = OLD_ADDRESS
BEN = {
    "profile": {"firstName": "Ben", "lastName": "Acme", "email": "ben@acme.example", "login": "ben@acme.example"},
    "credentials": {"password": {"value": "a password of Ben's"}},
}


def _phone(world, *, managed=True, **profile):
    shown = {"displayName": "Anna's iPhone", "platform": "IOS", **profile}
    return world.org.devices.register(shown, world.org.users[LOGIN].id, managed=managed)


async def test_a_person_is_found_by_id_login_and_search(world):
    api, anna = world.api(), world.org.users[LOGIN]
    by_login = (await api.get(f"/api/v1/users/{LOGIN}")).json()
    assert by_login["profile"]["login"] == LOGIN
    assert (await api.get(f"/api/v1/users/{anna.id}")).json() == by_login
    found = (await api.get("/api/v1/users", params={"search": f'profile.email eq "{LOGIN}"'})).json()
    assert [user["id"] for user in found] == [anna.id]
    assert (await api.get("/api/v1/users/me")).json()["profile"]["login"] == ADMIN
    assert (await api.get("/api/v1/users/nobody")).status_code == 404
    bad = await api.get("/api/v1/users", params={"search": "profile.email is"})
    assert (bad.status_code, bad.json()["errorCode"]) == (400, "E0000031")


async def test_a_new_person_signs_in(world):
    assert (await world.api().post("/api/v1/users", json=BEN)).status_code == 200
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    answer = await browser.submit(page, login="ben@acme.example", password="a password of Ben's")
    assert "code=" in answer.headers["location"]
    again = await world.api().post("/api/v1/users", json=BEN)
    assert (again.status_code, again.json()["errorCode"]) == (400, "E0000001")


async def test_people_are_listed_in_pages(world):
    await world.api().post("/api/v1/users", json=BEN)
    answer = await world.api().get("/api/v1/users", params={"limit": "2"})
    assert len(answer.json()) == 2
    [following] = [line for line in answer.headers.get_list("link") if 'rel="next"' in line]
    rest = await world.api().get(following[1 : following.index(">")])
    assert [user["profile"]["login"] for user in rest.json()] == ["ben@acme.example"]


async def test_a_group_decides_who_meets_a_rule(world):
    api, anna = world.api(), world.org.users[LOGIN]
    group = (await api.post("/api/v1/groups", json={"profile": {"name": "Contractors"}})).json()
    assert (group["type"], group["objectClass"]) == ("OKTA_GROUP", ["okta:user_group"])
    policy = world.org.policies.get(world.org.apps[CLIENT_ID].policy_id)
    people = {"people": {"groups": {"include": [group["id"]]}}}
    deny = {"name": "No contractors", "priority": 0, "conditions": people, "actions": {"appSignOn": {"access": "DENY"}}}
    assert (await api.post(f"/api/v1/policies/{policy.id}/rules", json=deny)).status_code == 200
    assert "code" in await world.browser(INSIDE).sign_in()
    assert (await api.put(f"/api/v1/groups/{group['id']}/users/{anna.id}")).status_code == 204
    assert [user["id"] for user in (await api.get(f"/api/v1/groups/{group['id']}/users")).json()] == [anna.id]
    assert (await world.browser(INSIDE).sign_in())["error"] == "access_denied"
    assert (await api.delete(f"/api/v1/groups/{group['id']}/users/{anna.id}")).status_code == 204
    assert "code" in await world.browser(INSIDE).sign_in()


async def test_everyone_has_its_members_by_itself(world):
    api, everyone = world.api(), world.org.groups.everyone
    members = (await api.get(f"/api/v1/groups/{everyone.id}/users")).json()
    assert {user["profile"]["login"] for user in members} == {LOGIN, ADMIN}
    anna = world.org.users[LOGIN].id
    assert (await api.delete(f"/api/v1/groups/{everyone.id}/users/{anna}")).status_code == 403


async def test_ending_sessions_leaves_tokens_unless_they_are_asked_for(world):
    browser, anna = world.browser(INSIDE), world.org.users[LOGIN]
    code = (await browser.sign_in(scope="openid offline_access"))["code"]
    token = (await browser.redeem(code)).json()["refresh_token"]
    assert "code" in await browser.access()
    path = f"/api/v1/users/{anna.id}/sessions"
    assert (await world.api().delete(path)).status_code == 204
    assert (await browser.authorize()).status_code == 200, "the form: the session is gone"
    assert (await browser.refresh(token)).status_code == 200
    assert (await world.api().delete(path, params={"oauthTokens": "true"})).status_code == 204
    assert (await browser.refresh(token)).json()["error"] == "invalid_grant"
    types = [event["eventType"] for event in world.org.log.events]
    assert types.count("user.session.clear") == 2
    assert types.count("app.oauth2.token.revoke.implicit.user") == 1


async def test_a_device_is_shown_as_recorded(world):
    device = _phone(world, osVersion="18.1")
    shown = (await world.api().get(f"/api/v1/devices/{device.id}")).json()
    assert list(shown) == [
        *("id", "status", "created", "lastUpdated", "profile", "resourceType", "resourceDisplayName", "resourceId"),
        *("resourceAlternateId", "_links"),
    ]
    assert (shown["status"], shown["resourceType"], shown["resourceAlternateId"]) == ("ACTIVE", "UDDevice", None)
    assert list(shown["_links"]) == ["suspend", "self", "users", "deactivate"]
    [user] = (await world.api().get(shown["_links"]["users"]["href"])).json()
    assert (user["managementStatus"], user["user"]["profile"]["login"]) == ("MANAGED", LOGIN)


async def test_devices_are_searched_by_what_they_reported(world):
    _phone(world)
    _phone(world, displayName="Laptop", platform="MACOS", serialNumber="C02XG2", udid="954F4D56")
    api = world.api()
    for text, names in (
        ('profile.udid eq "954F4D56"', ["Laptop"]),
        ('profile.serialNumber sw "C02"', ["Laptop"]),
        ('profile.udid eq "unknown"', []),
        ('status eq "ACTIVE" and profile.platform eq "IOS"', ["Anna's iPhone"]),
    ):
        found = (await api.get("/api/v1/devices", params={"search": text})).json()
        assert [device["profile"]["displayName"] for device in found] == names, text
    [summary] = (await api.get("/api/v1/devices", params={"expand": "userSummary", "limit": "1"})).json()
    assert list(summary["_embedded"]["users"][0]["user"]) == ["id", "profile", "_links"]


async def test_a_device_goes_through_its_life(world):
    device, api = _phone(world), world.api()
    own = f"/api/v1/devices/{device.id}"
    for verb, status, links in (
        ("suspend", "SUSPENDED", ["unsuspend", "self", "users", "deactivate"]),
        ("unsuspend", "ACTIVE", ["suspend", "self", "users", "deactivate"]),
        ("deactivate", "DEACTIVATED", ["activate", "self"]),
    ):
        answer = await api.post(f"{own}/lifecycle/{verb}")
        assert (answer.status_code, answer.content) == (204, b"")
        shown = (await api.get(own)).json()
        assert (shown["status"], list(shown["_links"])) == (status, links)
    assert shown["_links"]["self"]["hints"]["allow"] == ["GET", "DELETE"]
    assert (await api.get(f"{own}/users")).json() == []
    assert (await api.delete(own)).status_code == 204
    assert (await api.get(own)).status_code == 404
    verbs = ("suspend", "unsuspend", "deactivate", "delete")
    logged = [event["eventType"] for event in world.org.log.events if event["eventType"].startswith("device.")]
    assert logged == [f"device.lifecycle.{verb}" for verb in verbs]


@pytest.mark.parametrize("verb", ["unsuspend", "suspend"])
async def test_doing_it_again_changes_and_logs_nothing(world, verb):
    device = _phone(world)
    path = f"/api/v1/devices/{device.id}/lifecycle/{verb}"
    assert [(await world.api().post(path)).status_code for _ in range(2)] == [204, 204]
    assert len(world.org.log.of_type(f"device.lifecycle.{verb}")) == (1 if verb == "suspend" else 0)


class TestAStrictLifecycle:
    @pytest.fixture
    def knobs(self):
        return Knobs(idempotent_lifecycle=False)

    async def test_only_active_devices_are_suspended(self, world):
        device, api = _phone(world), world.api()
        path = f"/api/v1/devices/{device.id}/lifecycle"
        assert (await api.post(f"{path}/suspend")).status_code == 204
        again = await api.post(f"{path}/suspend")
        assert (again.status_code, again.json()["errorCode"]) == (403, "E0000152")
        assert (await api.delete(f"/api/v1/devices/{device.id}")).status_code == 403
        assert (await api.post(f"{path}/activate")).status_code == 403


async def test_scopes_guard_people_and_devices(world):
    api = await world.service(world.add_service("okta.devices.read"), "okta.devices.read")
    device = _phone(world)
    assert (await api.get(f"/api/v1/devices/{device.id}")).status_code == 200
    assert (await api.post(f"/api/v1/devices/{device.id}/lifecycle/suspend")).status_code == 403
    assert (await api.delete(f"/api/v1/users/{LOGIN}/sessions")).status_code == 403
    assert world.org.policies.get(world.org.apps[CLIENT_ID].policy_id).in_order()[0].name == ZONE_RULE
