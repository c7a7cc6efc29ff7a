"""API tokens: what is shown of them, and from where they work."""

from __future__ import annotations

import re

import pytest

from lab.okta.acme import ORG_ID, ZONE_NAME
from lab.okta.knobs import Knobs
from lab.okta.roles import Role

pytestmark = pytest.mark.anyio

OUTSIDE, INSIDE = "127.43.8.1", "127.42.0.99"


async def test_a_token_is_shown_as_recorded(world):
    [token] = (await world.api().get("/api/v1/api-tokens")).json()
    assert list(token) == [
        *("id", "name", "userId", "clientName", "tokenWindow", "network", "expiresAt", "created", "lastUpdated"),
        "_links",
    ]
    assert re.fullmatch(r"00T[A-Za-z0-9]{17}", token["id"])
    assert (token["clientName"], token["tokenWindow"]) == ("Okta API", "P30D")
    assert token["network"] == {"connection": "ANYWHERE"}
    assert token["expiresAt"] == "2026-06-03T12:00:00.000Z"
    assert token["_links"]["self"]["hints"] == {"allow": ["GET", "DELETE"]}
    assert (await world.api().get(token["_links"]["self"]["href"])).json() == token
    assert (await world.api().get("/api/v1/api-tokens/00Tnothing")).status_code == 404


async def test_a_token_that_is_bound_to_a_zone_works_from_there_only(world):
    [token] = world.org.api_tokens.all()
    zone = world.org.zones.named(ZONE_NAME).id
    network = {"connection": "ZONE", "include": [zone]}
    answer = await world.api().put(f"/api/v1/api-tokens/{token.id}", json={"name": token.name, "network": network})
    assert (answer.status_code, answer.json()["network"]) == (200, network)
    authorization = world.api().headers["authorization"]
    refused = await world.client(OUTSIDE, Authorization=authorization).get("/api/v1/zones")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    [event] = world.org.log.of_type("system.api_token.request_outside_allowed_range")
    assert (event["client"]["ipAddress"], event["outcome"]["result"]) == (OUTSIDE, "FAILURE")
    assert event["transaction"]["detail"] == {"requestApiTokenId": token.id}
    assert (await world.client(INSIDE, Authorization=authorization).get("/api/v1/zones")).status_code == 200


@pytest.mark.parametrize(
    "network",
    [
        pytest.param({"connection": "SOMEWHERE"}, id="unknown-connection"),
        pytest.param({"connection": "ZONE"}, id="no-zone"),
        pytest.param({"connection": "ZONE", "include": ["nzo1"]}, id="unknown-zone"),
        pytest.param({"connection": "ZONE", "include": ["ALL_ZONES"], "exclude": ["ALL_ZONES"]}, id="both"),
        pytest.param({"connection": "ZONE", "include": "nzo1"}, id="no-list"),
    ],
)
async def test_a_bad_restriction_is_refused(world, network):
    [token] = world.org.api_tokens.all()
    answer = await world.api().put(f"/api/v1/api-tokens/{token.id}", json={"network": network})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert world.org.api_tokens.all()[0].network.connection == "ANYWHERE"


async def test_excluding_every_zone_admits_from_outside_only(world):
    [token] = world.org.api_tokens.all()
    network = {"connection": "ZONE", "exclude": ["ALL_ZONES"]}
    await world.api().put(f"/api/v1/api-tokens/{token.id}", json={"network": network})
    authorization = world.api().headers["authorization"]
    assert (await world.client(OUTSIDE, Authorization=authorization).get("/api/v1/zones")).status_code == 200
    assert (await world.client(INSIDE, Authorization=authorization).get("/api/v1/zones")).status_code == 403


async def test_a_token_expires_after_thirty_days_without_use(world):
    world.clock.move(days=29)
    assert (await world.api().get("/api/v1/zones")).status_code == 200
    world.clock.move(days=29)
    assert (await world.api().get("/api/v1/zones")).status_code == 200
    world.clock.move(days=30)
    assert (await world.api().get("/api/v1/zones")).status_code == 401


async def test_a_token_can_revoke_itself(world):
    answer = await world.api().delete("/api/v1/api-tokens/current")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await world.api().get("/api/v1/zones")).status_code == 401


async def test_a_token_can_do_what_its_owner_can(world):
    owner = world.org.api_tokens.all()[0].owner
    world.org.api_tokens.create("auditor", owner, "read-only-secret", role=Role.READ_ONLY_ADMIN)
    api = world.api("read-only-secret")
    assert (await api.get("/api/v1/zones")).status_code == 200
    refused = await api.post("/api/v1/zones", json={})
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")


async def test_the_org_says_who_it_is(world):
    known = (await world.client(OUTSIDE).get("/.well-known/okta-organization")).json()
    assert (known["id"], known["pipeline"]) == (ORG_ID, "idx")
    assert known["_links"]["organization"]["href"] == world.url
    settings = (await world.api().get("/api/v1/org")).json()
    assert (settings["id"], settings["companyName"], settings["status"]) == (ORG_ID, "Acme", "ACTIVE")


async def test_threatinsight_is_configured_and_names_zones(world):
    api, zone = world.api(), world.org.zones.named(ZONE_NAME).id
    assert (await api.get("/api/v1/threats/configuration")).json()["action"] == "none"
    changed = await api.post("/api/v1/threats/configuration", json={"action": "audit", "excludeZones": [zone]})
    assert changed.status_code == 200
    assert (await api.get("/api/v1/threats/configuration")).json() == changed.json()
    assert (changed.json()["action"], changed.json()["excludeZones"]) == ("audit", [zone])
    for bad in ({"action": "panic"}, {"action": "block", "excludeZones": ["nzounknown"]}):
        assert (await api.post("/api/v1/threats/configuration", json=bad)).status_code == 400


class TestALenientServer:
    @pytest.fixture
    def knobs(self):
        return Knobs(ssws_needs_space=False)

    async def test_okta_s_own_sdk_leaves_the_space_out(self, world):
        token = world.api().headers["authorization"].removeprefix("SSWS ")
        for authorization in (f"SSWS{token}", f"SSWS {token}"):
            answer = await world.client(OUTSIDE, Authorization=authorization).get("/api/v1/zones")
            assert answer.status_code == 200
