"""Graph: tokens for services, named locations, policies and the sign-in log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lab.entra.acme import (
    CLIENT_ID,
    FOREIGN_RANGE,
    GRAPH_CLIENT_ID,
    LOCATION_NAME,
    LOGIN,
    OLD_ADDRESS,
    POLICY_NAME,
    TENANT_ID,
)
from lab.entra.knobs import Knobs

pytestmark = pytest.mark.anyio

LOCATIONS = "/v1.0/identity/conditionalAccess/namedLocations"
POLICIES = "/v1.0/identity/conditionalAccess/policies"
SIGN_INS = "/v1.0/auditLogs/signIns"
IP = "#microsoft.graph.ipNamedLocation"
INSIDE, OUTSIDE = "127.42.0.99", "127.43.8.7"


def _ranges(*addresses):
    family = {True: "#microsoft.graph.iPv6CidrRange", False: "#microsoft.graph.iPv4CidrRange"}
    return [{"@odata.type": family[":" in text], "cidrAddress": text} for text in addresses]


def _location(name="Egress", *addresses, **content):
    return {"@odata.type": IP, "displayName": name, "ipRanges": _ranges(*addresses or ("203.0.113.10/32",)), **content}


def _tunnel(world):
    return next(found for found in world.tenant.locations.stored() if found.display_name == LOCATION_NAME)


async def test_a_service_gets_a_token_in_the_documented_shape(world):
    answer = await world.service_token()
    assert answer.status_code == 200
    assert set(answer.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3599)


@pytest.mark.parametrize(
    ("change", "status", "error", "number"),
    [
        pytest.param({"client_secret": "wrong"}, 401, "invalid_client", 7000215, id="wrong-secret"),
        pytest.param({"client_secret": ""}, 401, "invalid_client", 7000218, id="no-secret"),
        pytest.param({"client_id": "nobody"}, 400, "unauthorized_client", 700016, id="unknown-app"),
        pytest.param({"client_id": CLIENT_ID}, 400, "unauthorized_client", 700016, id="public-app"),
        pytest.param({"scope": "Policy.Read.All"}, 400, "invalid_scope", 70011, id="scope-not-default"),
    ],
)
async def test_a_service_with_bad_credentials_gets_an_aadsts_error(world, change, status, error, number):
    answer = await world.service_token(**change)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (status, error, [number])
    assert answer.json()["error_description"].startswith(f"AADSTS{number}: ")


async def test_locations_of_all_types_are_listed(world):
    body = (await (await world.graph()).get(LOCATIONS)).json()
    assert body["@odata.context"].endswith("/v1.0/$metadata#identity/conditionalAccess/namedLocations")
    assert "@odata.nextLink" not in body
    country, tunnel = body["value"]
    assert country["@odata.type"] == "#microsoft.graph.countryNamedLocation"
    assert "ipRanges" not in country
    assert (tunnel["@odata.type"], tunnel["displayName"], tunnel["isTrusted"]) == (IP, LOCATION_NAME, False)
    assert tunnel["ipRanges"] == _ranges(OLD_ADDRESS, FOREIGN_RANGE)
    assert tunnel["createdDateTime"] == "2025-03-30T12:00:00.0000000Z"


async def test_a_list_is_read_through_its_next_links(world):
    graph = await world.graph()
    for number in range(5):
        assert (await graph.post(LOCATIONS, json=_location(f"Location {number}"))).status_code == 201
    names, url, pages = [], f"{LOCATIONS}?$top=3", []
    while url:
        body = (await graph.get(url)).json()
        pages.append(len(body["value"]))
        names += [location["displayName"] for location in body["value"]]
        url = body.get("@odata.nextLink")
    assert pages == [3, 3, 1]
    assert names == ["Headquarters", LOCATION_NAME, *(f"Location {number}" for number in range(5))]


async def test_a_location_is_created_with_201_and_read_back(world):
    graph = await world.graph()
    answer = await graph.post(LOCATIONS, json=_location("Egress", "12.34.221.11/22", "2001:0:9d38:90d6:0:0:0:0/63"))
    assert answer.status_code == 201
    created = answer.json()
    assert created["@odata.context"].endswith("namedLocations/$entity")
    assert created["ipRanges"] == _ranges("12.34.221.11/22", "2001:0:9d38:90d6:0:0:0:0/63")
    assert (await graph.get(f"{LOCATIONS}/{created['id']}")).json() == created


async def test_two_locations_may_have_one_name(world):
    graph = await world.graph()
    ids = {(await graph.post(LOCATIONS, json=_location(LOCATION_NAME))).json()["id"] for _ in range(2)}
    assert len(ids | {_tunnel(world).id}) == 3


async def test_a_patch_replaces_the_ranges_whole_and_keeps_what_it_does_not_name(world):
    graph, path = await world.graph(), f"{LOCATIONS}/{_tunnel(world).id}"
    world.clock.move(seconds=90)
    answer = await graph.patch(path, json={"@odata.type": IP, "ipRanges": _ranges("127.42.0.10/32")})
    assert (answer.status_code, answer.content) == (204, b"")
    location = (await graph.get(path)).json()
    assert location["ipRanges"] == _ranges("127.42.0.10/32")
    assert (location["displayName"], location["isTrusted"]) == (LOCATION_NAME, False)
    assert location["modifiedDateTime"] == "2026-05-04T12:01:30.0000000Z"
    assert location["createdDateTime"] == "2025-03-30T12:00:00.0000000Z"
    assert "code" in await world.browser("127.42.0.10").sign_in()
    browser = world.browser(INSIDE)
    assert "AADSTS53003" in (await browser.submit(await browser.authorize())).text


async def test_a_patch_may_rename_and_leave_the_ranges(world):
    graph, path = await world.graph(), f"{LOCATIONS}/{_tunnel(world).id}"
    assert (await graph.patch(path, json={"@odata.type": IP, "displayName": "Renamed"})).status_code == 204
    location = (await graph.get(path)).json()
    assert (location["displayName"], len(location["ipRanges"])) == ("Renamed", 2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"@odata.type": None}, id="no-type"),
        pytest.param({"@odata.type": "#microsoft.graph.countryNamedLocation"}, id="other-type"),
        pytest.param({"ipRanges": _ranges("203.0.113.10")}, id="bare-address"),
        pytest.param({"ipRanges": _ranges("203.0.113.10/33")}, id="mask-too-long"),
        pytest.param({"ipRanges": _ranges("10.0.0.0/8")}, id="mask-too-wide"),
        pytest.param({"ipRanges": _ranges("203.0.113.1-203.0.113.9")}, id="a-range"),
        pytest.param({"ipRanges": [{"cidrAddress": "203.0.113.10/32"}]}, id="range-without-type"),
        pytest.param(
            {"ipRanges": [{"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "203.0.113.10/32"}]},
            id="wrong-family",
        ),
        pytest.param({"ipRanges": []}, id="no-ranges"),
        pytest.param({"ipRanges": _ranges("203.0.113.10/32") * 2001}, id="2001-ranges"),
        pytest.param({"displayName": ""}, id="empty-name"),
        pytest.param({"isTrusted": "yes"}, id="trust-not-boolean"),
    ],
)
async def test_bad_content_is_refused_and_not_stored(world, change):
    graph, before = await world.graph(), world.tenant.locations.stored()
    body = {key: value for key, value in (_location() | change).items() if value is not None}
    for answer in (
        await graph.post(LOCATIONS, json=body),
        await graph.patch(f"{LOCATIONS}/{_tunnel(world).id}", json=body),
    ):
        assert answer.status_code == 400
        assert set(answer.json()["error"]) == {"code", "message", "innerError"}
        assert set(answer.json()["error"]["innerError"]) == {"date", "request-id", "client-request-id"}
    assert world.tenant.locations.stored() == before


async def test_half_a_body_is_refused(world):
    assert (await (await world.graph()).post(LOCATIONS, content="{")).status_code == 400


async def test_a_location_is_deleted_unless_trusted_or_in_use(world):
    graph = await world.graph()
    free = (await graph.post(LOCATIONS, json=_location())).json()["id"]
    trusted = (await graph.post(LOCATIONS, json=_location(isTrusted=True))).json()["id"]
    assert (await graph.delete(f"{LOCATIONS}/{free}")).status_code == 204
    assert (await graph.get(f"{LOCATIONS}/{free}")).status_code == 404
    assert (await graph.delete(f"{LOCATIONS}/{trusted}")).status_code == 400
    assert (await graph.delete(f"{LOCATIONS}/{_tunnel(world).id}")).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_location_answers_404(world, method):
    content = _location() if method == "PATCH" else None
    answer = await (await world.graph()).request(method, f"{LOCATIONS}/unknown", json=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize(
    ("roles", "method", "path", "status"),
    [
        pytest.param([], "GET", LOCATIONS, 403, id="no-role-reads"),
        pytest.param(["Policy.Read.All"], "GET", LOCATIONS, 200, id="reader-reads"),
        pytest.param(["Policy.Read.All"], "POST", LOCATIONS, 403, id="reader-writes"),
        pytest.param(["Policy.ReadWrite.ConditionalAccess"], "POST", LOCATIONS, 403, id="writer-without-read"),
        pytest.param(["Policy.Read.All"], "GET", POLICIES, 200, id="reader-reads-policies"),
        pytest.param(["Policy.Read.All"], "GET", SIGN_INS, 403, id="policy-reader-reads-sign-ins"),
        pytest.param(["AuditLog.Read.All"], "GET", SIGN_INS, 200, id="auditor-reads-sign-ins"),
    ],
)
async def test_every_call_needs_its_application_permissions(world, roles, method, path, status):
    service = world.tenant.services[GRAPH_CLIENT_ID]
    world.tenant.services[GRAPH_CLIENT_ID] = replace(service, roles=frozenset(roles))
    content = _location() if method == "POST" else None
    answer = await (await world.graph()).request(method, path, json=content)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "Authorization_RequestDenied"
        assert answer.json()["error"]["message"] == "Insufficient privileges to complete the operation."


async def test_a_person_s_token_is_no_service_s(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in())["code"])).json()
    for token, status in ((tokens["access_token"], 403), (tokens["id_token"], 401), ("nonsense", 401)):
        answer = await browser.http.get(LOCATIONS, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


async def test_a_token_ends_after_an_hour_and_none_is_none(world):
    graph = await world.graph()
    world.clock.move(hours=1)
    late = await graph.get(LOCATIONS)
    assert (late.status_code, late.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert (await world.client("127.43.8.1").get(LOCATIONS)).status_code == 401


async def test_the_policy_excludes_the_location_and_the_emergency_account(world, break_glass):
    graph = await world.graph()
    [policy] = (await graph.get(POLICIES)).json()["value"]
    assert (policy["displayName"], policy["state"]) == (POLICY_NAME, "enabled")
    assert policy["conditions"]["locations"] == {
        "includeLocations": ["All"],
        "excludeLocations": [_tunnel(world).id],
    }
    emergency = world.tenant.user_named(break_glass["login"])
    assert policy["conditions"]["users"]["excludeUsers"] == [emergency.id]
    assert policy["grantControls"]["builtInControls"] == ["block"]
    one = (await graph.get(f"{POLICIES}/{policy['id']}")).json()
    assert {key: value for key, value in one.items() if key != "@odata.context"} == policy
    assert (await graph.get(f"{POLICIES}/unknown")).status_code == 404


async def test_the_sign_in_log_shows_interactive_sign_ins_newest_first(world):
    inside = world.browser(INSIDE)
    token = (await inside.redeem((await inside.sign_in())["code"])).json()["refresh_token"]
    await inside.refresh(token)
    world.clock.move(seconds=5)
    outside = world.browser(OUTSIDE)
    await outside.submit(await outside.authorize())
    entries = (await (await world.graph()).get(SIGN_INS)).json()["value"]
    assert [(entry["ipAddress"], entry["status"]["errorCode"]) for entry in entries] == [(OUTSIDE, 53003), (INSIDE, 0)]
    assert [entry["createdDateTime"] for entry in entries] == ["2026-05-04T12:00:05Z", "2026-05-04T12:00:00Z"]


async def _three_sign_ins(world):
    for address in (INSIDE, "127.44.0.8", INSIDE):
        await world.browser(address).sign_in()
        world.clock.move(seconds=10)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(f"ipAddress eq '{INSIDE}'", 2, id="address"),
        pytest.param("createdDateTime ge 2026-05-04T12:00:10Z", 2, id="since"),
        pytest.param(
            "createdDateTime gt 2026-05-04T12:00:10.000Z and createdDateTime lt 2026-05-04T13:00:00Z", 1, id="fraction"
        ),
        pytest.param(f"createdDateTime ge 2026-05-04T12:00:10Z and ipAddress eq '{INSIDE}'", 1, id="both"),
        pytest.param("startsWith(ipAddress,'127.44.')", 1, id="prefix"),
        pytest.param("status/errorCode eq 0", 3, id="error-code"),
        pytest.param("userPrincipalName eq 'o''hara@acme.example'", 0, id="quote"),
        pytest.param("appDisplayName eq 'this and that'", 0, id="and-in-a-text"),
    ],
)
async def test_the_sign_in_log_is_filtered(world, text, found):
    await _three_sign_ins(world)
    answer = await (await world.graph()).get(SIGN_INS, params={"$filter": text})
    assert (answer.status_code, len(answer.json()["value"])) == (200, found)


@pytest.mark.parametrize("text", ["ipAddress = '1.1.1.1'", "secret eq 'x'", "ipAddress eq", ""])
async def test_a_filter_that_means_nothing_is_refused(world, text):
    answer = await (await world.graph()).get(SIGN_INS, params={"$filter": text})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


async def test_a_filtered_log_is_read_through_its_next_links(world):
    await _three_sign_ins(world)
    graph = await world.graph()
    first = (await graph.get(SIGN_INS, params={"$filter": f"ipAddress eq '{INSIDE}'", "$top": "1"})).json()
    second = (await graph.get(first["@odata.nextLink"])).json()
    times = [entry["createdDateTime"] for entry in (*first["value"], *second["value"])]
    assert times == ["2026-05-04T12:00:20Z", "2026-05-04T12:00:00Z"]
    assert "@odata.nextLink" not in second


async def test_revoking_sessions_ends_cookies_and_refresh_tokens(world):
    browser = world.browser(INSIDE)
    token = (await browser.redeem((await browser.sign_in())["code"])).json()["refresh_token"]
    service = world.tenant.services[GRAPH_CLIENT_ID]
    world.tenant.services[GRAPH_CLIENT_ID] = replace(service, roles=frozenset({"User.RevokeSessions.All"}))
    world.clock.move(seconds=1)
    graph = await world.graph()
    answer = await graph.post(f"/v1.0/users/{LOGIN}/revokeSignInSessions")
    assert (answer.status_code, answer.json()["value"]) == (200, True)
    assert answer.json()["@odata.context"].endswith("/v1.0/$metadata#Edm.Boolean")
    refused = await browser.refresh(token)
    assert (refused.status_code, refused.json()["error_codes"]) == (400, [50173])
    assert (await browser.authorize()).status_code == 200, "the form, not a code"
    world.clock.move(seconds=1)
    assert "code" in await browser.sign_in()
    assert "code" in await browser.access(), "what came after counts"
    assert (await graph.post("/v1.0/users/nobody/revokeSignInSessions")).status_code == 404


async def test_revoking_needs_its_permission(world):
    answer = await (await world.graph()).post(f"/v1.0/users/{LOGIN}/revokeSignInSessions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


async def test_a_token_names_its_tenant(world):
    token = (await world.service_token()).json()["access_token"]
    claims = world.tenant.tokens.read_graph_token(token)
    assert (claims["tid"], claims["iss"]) == (TENANT_ID, f"https://sts.windows.net/{TENANT_ID}/")


class TestATenantWithoutALicence:
    @pytest.fixture
    def knobs(self):
        return Knobs(premium=False)

    async def test_the_sign_in_log_cannot_be_read(self, world):
        answer = await (await world.graph()).get(SIGN_INS)
        code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)


class TestALateLog:
    @pytest.fixture
    def knobs(self):
        return Knobs(sign_in_log_delay=timedelta(minutes=2))

    async def test_sign_ins_show_themselves_after_a_while(self, world):
        await world.browser(INSIDE).sign_in()
        graph = await world.graph()
        assert (await graph.get(SIGN_INS)).json()["value"] == []
        world.clock.move(minutes=2)
        assert len((await graph.get(SIGN_INS)).json()["value"]) == 1


class TestEventuallyConsistent:
    @pytest.fixture
    def knobs(self):
        return Knobs(read_lag=timedelta(seconds=10), location_delay=timedelta(seconds=30))

    async def test_reads_alternate_for_a_while_and_sign_ins_notice_later(self, world):
        graph, path = await world.graph(), f"{LOCATIONS}/{_tunnel(world).id}"
        await graph.patch(path, json={"@odata.type": IP, "ipRanges": _ranges("127.42.0.10/32")})
        seen = [len((await graph.get(path)).json()["ipRanges"]) for _ in range(4)]
        assert seen == [2, 1, 2, 1]
        world.clock.move(seconds=10)
        assert [len((await graph.get(path)).json()["ipRanges"]) for _ in range(3)] == [1, 1, 1]
        assert "code" in await world.browser(INSIDE).sign_in()
        world.clock.move(seconds=20)
        assert "code" in await world.browser("127.42.0.10").sign_in()
        browser = world.browser(INSIDE)
        assert "AADSTS53003" in (await browser.submit(await browser.authorize())).text

    async def test_a_deleted_location_comes_and_goes(self, world):
        graph = await world.graph()
        path = f"{LOCATIONS}/{(await graph.post(LOCATIONS, json=_location())).json()['id']}"
        await graph.delete(path)
        assert [(await graph.get(path)).status_code for _ in range(4)] == [200, 404, 200, 404]
        world.clock.move(seconds=10)
        assert (await graph.get(path)).status_code == 404


class TestThrottled:
    @pytest.fixture
    def knobs(self):
        return Knobs(throttle=timedelta(seconds=1))

    async def test_the_second_call_within_a_second_is_429_without_retry_after(self, world):
        graph = await world.graph()
        assert (await graph.get(LOCATIONS)).status_code == 200
        answer = await graph.get(POLICIES)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "TooManyRequests")
        assert "retry-after" not in answer.headers
        world.clock.move(seconds=1)
        assert (await graph.get(POLICIES)).status_code == 200
