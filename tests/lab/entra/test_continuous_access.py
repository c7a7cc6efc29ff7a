"""A resource that looks again within a token's life: revocation, a changed address, the split tunnel."""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from lab.authority import Authority
from lab.entra.acme import CLIENT_ID, LOGIN, POLICY_NAME, TENANT_ID
from lab.entra.named_location import IP, NamedLocation
from lab.entra.resources import SAMPLE
from lab.entra.sample_resource import create_sample_resource
from lab.https_server import HttpsServer

pytestmark = pytest.mark.anyio

INSIDE, OUTSIDE = "127.42.0.99", "127.43.8.7"
CP1 = json.dumps({"access_token": {"xms_cc": {"values": ["cp1"]}}})
SCOPE = f"openid offline_access {SAMPLE.uri}/Read"


@pytest.fixture
async def resource(world) -> AsyncIterator:
    """Asks the resource from an address, with a token."""
    authority = Authority("Resource CA")
    credential = authority.issue_server([], ["127.40.8.22"])
    async with HttpsServer(
        create_sample_resource(world.tenant), address="127.40.8.22", credential=credential
    ) as server:
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())

        async def ask(address: str, token: str) -> httpx.Response:
            transport = httpx.AsyncHTTPTransport(verify=trust, local_address=address)
            async with httpx.AsyncClient(transport=transport, base_url=server.url) as client:
                return await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})

        yield ask


async def _tokens(world, claims=CP1):
    browser = world.browser(INSIDE)
    return (await browser.redeem((await browser.sign_in(scope=SCOPE, claims=claims))["code"])).json()


async def _refresh(world, tokens, challenge, address=INSIDE):
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": tokens["refresh_token"]}
    claims = base64.b64decode(re.search(r'claims="([^"]+)"', challenge)[1]).decode()
    return await world.client(address).post(f"/{TENANT_ID}/oauth2/v2.0/token", data=form | {"claims": claims})


async def test_an_app_that_handles_challenges_gets_a_token_for_longer(world, resource):
    tokens = await _tokens(world)
    assert tokens["expires_in"] == 28 * 3600 - 1
    assert (await resource(INSIDE, tokens["access_token"])).json()["userPrincipalName"] == LOGIN
    assert (await _tokens(world, claims=""))["expires_in"] == 3599


async def test_a_token_for_graph_is_no_good_there(world, resource):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in())["code"])).json()
    assert (await resource(INSIDE, tokens["access_token"])).status_code == 401


async def test_revocation_is_noticed_within_the_token_s_life(world, resource):
    capable, plain = await _tokens(world), await _tokens(world, claims="")
    world.clock.move(minutes=5)
    world.tenant.revocations.revoke(world.tenant.user_named(LOGIN).id)
    refused = await resource(INSIDE, capable["access_token"])
    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_claims"' in challenge
    assert 'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"' in challenge
    assert (await _refresh(world, capable, challenge)).json()["error_codes"] == [50173]
    assert (await resource(INSIDE, plain["access_token"])).status_code == 200, "not noticed for an hour"


async def test_a_token_carried_outside_is_sent_back(world, resource):
    tokens = await _tokens(world)
    refused = await resource(OUTSIDE, tokens["access_token"])
    assert refused.status_code == 401
    again = await _refresh(world, tokens, refused.headers["www-authenticate"], address=OUTSIDE)
    assert again.json()["error_codes"] == [53003]


async def test_a_tunnel_for_logins_only_works_in_standard_mode(world, resource):
    """Entra sees the tunnel, the resource does not: the new token lives for an hour and its address is not checked."""
    tokens = await _tokens(world)
    refused = await resource(OUTSIDE, tokens["access_token"])
    again = (await _refresh(world, tokens, refused.headers["www-authenticate"])).json()
    assert again["expires_in"] == 3599
    assert (await resource(OUTSIDE, again["access_token"])).status_code == 200


async def test_a_tunnel_for_logins_only_breaks_in_strict_mode(world, resource):
    policy = next(each for each in world.tenant.policies.all() if each.display_name == POLICY_NAME)
    strict = {"continuousAccessEvaluation": {"mode": "strictLocation"}}
    world.tenant.policies.install(replace(policy, session_controls=strict))
    tokens = await _tokens(world)
    refused = await resource(OUTSIDE, tokens["access_token"])
    again = (await _refresh(world, tokens, refused.headers["www-authenticate"])).json()
    assert (await resource(OUTSIDE, again["access_token"])).status_code == 401
    assert (await resource(INSIDE, again["access_token"])).status_code == 200


async def test_with_too_many_ranges_addresses_are_not_checked(world, resource):
    policy = next(each for each in world.tenant.policies.all() if each.display_name == POLICY_NAME)
    many = [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}] * 5000
    now = world.clock()
    world.tenant.locations.install(NamedLocation("many", IP, "Many", now, now, {"isTrusted": False, "ipRanges": many}))
    locations = dict(policy.conditions["locations"])
    locations["excludeLocations"] = [*locations["excludeLocations"], "many"]
    world.tenant.policies.install(replace(policy, conditions={**policy.conditions, "locations": locations}))
    tokens = await _tokens(world)
    assert (await resource(OUTSIDE, tokens["access_token"])).status_code == 200
