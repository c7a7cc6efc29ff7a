"""Okta's own SDK for Python, unmodified, at the emulated org: what it can do, and what it cannot do with zones.

The emulator answers as the service was recorded; where the SDK fails on that, the test says how it fails in the version
that is installed, so that a mended one is noticed (docs/emulators.md, "Okta's SDK for Python").
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from okta_world import API_TOKEN, OktaWorld, pem, running_okta, signing

from lab.okta import acme
from lab.okta.identifiers import new_id
from lab.okta.knobs import Knobs
from lab.okta.zone import Zone

pytestmark = [pytest.mark.sdk, pytest.mark.anyio]

FOR_THE_SDK = Knobs(ssws_needs_space=False, embeds_resource_type=False)
"""What nobody has confirmed of the service, and what the SDK needs of it."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def okta() -> Any:
    """The SDK. Loading it takes seconds, so only tests that run load it."""
    reason = "needs Okta's SDK for Python: pip install '.[sdk]'"
    pytest.importorskip("okta.client", reason=reason)
    return pytest.importorskip("okta", reason=reason)


@pytest.fixture
def org(okta: Any, tmp_path: Path) -> Iterator[OktaWorld]:
    with running_okta(tmp_path, FOR_THE_SDK) as world:
        yield world


@asynccontextmanager
async def client_of(okta: Any, world: OktaWorld, **credential: Any) -> AsyncIterator[Any]:
    """The SDK's client, in a session that trusts the lab: its own option for that ("sslContext") cannot be copied."""
    http = okta.client.aiohttp
    trust = ssl.create_default_context(cafile=world.directory / "ca.pem")
    client = okta.client.Client({"orgUrl": world.url, **(credential or {"token": API_TOKEN})})
    async with http.ClientSession(connector=http.TCPConnector(ssl=trust)) as session:
        client.get_request_executor().set_session(session)
        yield client


async def done(call: Any) -> Any:
    """What a call returns, where nothing went wrong."""
    *found, error = await call
    assert error is None, error
    return found[0]


# --- what works ---------------------------------------------------------------------------------------


async def test_policies_and_rules(okta: Any, org: OktaWorld) -> None:
    zone = org.org.zones.named(acme.ZONE_NAME)
    sign_on = {
        "access": "ALLOW",
        "verificationMethod": {
            "type": "ASSURANCE",
            "factorMode": "1FA",
            "reauthenticateIn": "PT2H",
            "constraints": [{"knowledge": {"required": True, "types": ["password"]}}],
        },
    }
    async with client_of(okta, org) as client:
        listed = await done(client.list_policies(type="ACCESS_POLICY"))
        assert {policy.name for policy in listed} == {acme.APP_LABEL, acme.ACCOUNT_MANAGEMENT}
        assert [policy.name for policy in await done(client.list_policies(type="OKTA_SIGN_ON"))] == ["Default Policy"]

        made = await done(client.create_policy(okta.AccessPolicy(name="Payroll", type="ACCESS_POLICY")))
        [born_with] = await done(client.list_policy_rules(made.id))
        assert (born_with.system, born_with.actions.app_sign_on.access) == (True, "ALLOW")
        rule = okta.AccessPolicyRule.from_dict(
            {
                "name": "From the tunnel",
                "type": "ACCESS_POLICY",
                "conditions": {"network": {"connection": "ZONE", "include": [zone.id]}},
                "actions": {"appSignOn": sign_on},
            }
        )
        created = await done(client.create_policy_rule(made.id, rule))
        assert (created.conditions.network.include, created.priority) == ([zone.id], 0)
        assert [each.name for each in await done(client.list_policy_rules(made.id))] == [
            "From the tunnel",
            "Catch-all Rule",
        ]
    [stored] = [each for each in org.org.policies.get(made.id).rules if each.id == created.id]
    assert stored.actions["appSignOn"]["verificationMethod"]["reauthenticateIn"] == "PT2H"


async def test_devices_and_their_lifecycle(okta: Any, org: OktaWorld) -> None:
    anna = org.org.user(acme.LOGIN)
    assert anna is not None
    known = org.org.devices.register({"displayName": "Anna's Mac", "platform": "MACOS"}, anna.id, managed=True)
    async with client_of(okta, org) as client:
        [device] = await done(client.list_devices(search='status eq "ACTIVE"'))
        assert (device.id, device.profile.display_name, device.status) == (known.id, "Anna's Mac", "ACTIVE")
        for change, status in ((client.suspend_device, "SUSPENDED"), (client.unsuspend_device, "ACTIVE")):
            await done(change(known.id))
            assert (await done(client.get_device(known.id))).status == status
    assert [event["eventType"] for event in org.org.log.events if event["eventType"].startswith("device.")] == [
        "device.lifecycle.suspend",
        "device.lifecycle.unsuspend",
    ]


@pytest.mark.parametrize("bound", [pytest.param(False, id="Bearer"), pytest.param(True, id="DPoP")])
async def test_as_a_service_app(okta: Any, tmp_path: Path, bound: bool) -> None:
    """By private_key_jwt, at an org without any leniency; with DPoP it answers the challenge for a nonce."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with running_okta(tmp_path) as world:
        app = world.app(signing(key), dpop_bound=bound)
        service = {
            "authorizationMode": "PrivateKey",
            "clientId": app.client_id,
            "scopes": ["okta.policies.read"],
            "privateKey": pem(key).decode(),
            "dpopEnabled": bound,
        }
        async with client_of(okta, world, **service) as client:
            assert [each.name for each in await done(client.list_policies(type="OKTA_SIGN_ON"))] == ["Default Policy"]
        assert [status for _, _, status in world.heard.requests] == [*([400] if bound else []), 200, 200]
        assert world.heard.requests[-1][1]["authorization"].startswith("DPoP " if bound else "Bearer ")


async def test_an_ip_zone_by_its_id(okta: Any, org: OktaWorld) -> None:
    async with client_of(okta, org) as client:
        zone = okta.IPNetworkZone.from_dict(
            {"name": "Branch", "type": "IP", "gateways": [{"type": "CIDR", "value": "203.0.113.0/24"}]}
        )
        made = await done(client.create_network_zone(zone))
        found = await done(client.get_network_zone(made.id))
        assert [(each.type, each.value) for each in found.gateways] == [("CIDR", "203.0.113.0/24")]
        assert [each.id for each in await done(client.list_network_zones(filter=f'id eq "{made.id}"'))] == [made.id]


# --- what does not ------------------------------------------------------------------------------------


async def test_its_token_header_has_no_space(okta: Any, tmp_path: Path) -> None:
    """A service that wants the space, as the documentation has it, takes the SDK for somebody without a token."""
    with running_okta(tmp_path) as world:
        async with client_of(okta, world) as client:
            *_, error = await client.list_policies(type="ACCESS_POLICY")
        assert "401 E0000011" in str(error)
        [(_, headers, _)] = world.heard.requests
        assert headers["authorization"] == f"SSWS{API_TOKEN}"


async def test_no_list_of_zones_with_an_enhanced_dynamic_one(okta: Any, org: OktaWorld) -> None:
    """Every org has one from the start."""
    async with client_of(okta, org) as client:
        with pytest.raises(ValueError, match="EnhancedDynamicNetworkZoneAllOfAsnsInclude"):
            await client.list_network_zones()
    assert org.heard.requests[-1][2] == 200


async def test_no_zone_with_a_proxy_type_that_is_not_documented(okta: Any, org: OktaWorld) -> None:
    now = datetime.now(UTC)
    details = {"locations": None, "proxyType": "TorAnonymizer", "asns": None}
    zone = Zone(
        id=new_id("nzo"),
        type="DYNAMIC",
        name="Tor",
        status="ACTIVE",
        usage="BLOCKLIST",
        created=now,
        last_updated=now,
        system=False,
        details=details,
    )
    org.org.zones.install(zone)
    async with client_of(okta, org) as client:
        with pytest.raises(ValueError, match="TorAnonymizer"):
            await client.get_network_zone(zone.id)


async def test_an_emptied_list_is_not_sent(okta: Any, org: OktaWorld) -> None:
    """Emptied gateways come back as none at all, which is another thing where a zone has proxies."""
    body = {
        "name": "Branch",
        "type": "IP",
        "gateways": [{"type": "CIDR", "value": "203.0.113.0/24"}],
        "proxies": [{"type": "CIDR", "value": "198.51.100.0/24"}],
    }
    async with client_of(okta, org) as client:
        made = await done(client.create_network_zone(okta.IPNetworkZone.from_dict(body)))
        emptied = okta.IPNetworkZone.from_dict({**body, "gateways": []})
        assert emptied.to_dict()["gateways"] == []
        await done(client.replace_network_zone(made.id, emptied))
    assert org.org.zones.get(made.id).details["gateways"] is None  # and [], had the list been sent


async def test_no_list_of_policies_with_what_the_account_management_policy_says_of_itself(
    okta: Any, tmp_path: Path
) -> None:
    with running_okta(tmp_path, replace(FOR_THE_SDK, embeds_resource_type=True)) as world:
        async with client_of(okta, world) as client:
            with pytest.raises(ValueError, match="resourceType"):
                await client.list_policies(type="ACCESS_POLICY")


async def test_its_option_for_trust_cannot_be_used(okta: Any) -> None:
    with pytest.raises(TypeError, match="SSLContext"):
        okta.client.Client(
            {"orgUrl": "https://acme.okta.com", "token": "t", "sslContext": ssl.create_default_context()}
        )
