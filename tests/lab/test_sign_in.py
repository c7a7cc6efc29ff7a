"""An app's sign-in against the emulated providers: allowed, denied in their words, or never there."""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dtr_rules import Platform
from lab import entra, federation, okta
from lab.authority import Authority
from lab.device import Device
from lab.device.sign_in import Client, Outcome, Person, SignIn, sign_in
from lab.network import LOOPBACK, Network
from lab.servers import Secrets, Servers, serve

pytestmark = pytest.mark.anyio

INSIDE = "127.44.0.7"
"""An address that both providers admit from the start: the office."""
OUTSIDE = LOOPBACK.at_home(66)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclasses.dataclass
class Lab:
    servers: Servers
    known: Secrets
    network: Network
    trust: ssl.SSLContext
    storage: Path

    async def sign_in(self, client: Client, *, address: str, **person: str) -> SignIn:
        device = Device("phone", Platform.IOS, "U", address, self.network, self.trust, self.storage)
        who = Person(**{"user": okta.acme.LOGIN, "password": self.known.password, **person})
        async with device.open_app("app") as http:
            return await sign_in(http, client, who)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    authority, network, known = Authority("Test"), Network(), Secrets()
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    async with serve(authority, known, network) as servers:
        yield Lab(servers, known, network, trust, tmp_path)


OKTA = Client(
    "https://acme.okta.com/.well-known/openid-configuration",
    okta.acme.CLIENT_ID,
    okta.acme.REDIRECT_URI,
    "openid profile",
    asks_userinfo=True,
)
ENTRA = Client(
    f"https://login.microsoftonline.com/{entra.acme.TENANT_ID}/v2.0/.well-known/openid-configuration",
    entra.acme.CLIENT_ID,
    entra.acme.REDIRECT_URI,
    "openid profile",
    asks_userinfo=False,
)
BOTH = pytest.mark.parametrize("client", [pytest.param(OKTA, id="okta"), pytest.param(ENTRA, id="entra")])


@BOTH
async def test_inside_the_zone_anna_signs_in(lab: Lab, client: Client) -> None:
    result = await lab.sign_in(client, address=INSIDE)
    assert (result.outcome, result.words, result.subject) == (Outcome.ALLOWED, "", "anna@acme.example")


@BOTH
async def test_outside_the_zone_the_provider_denies_in_its_own_words(lab: Lab, client: Client) -> None:
    result = await lab.sign_in(client, address=OUTSIDE)
    assert result.outcome is Outcome.DENIED
    expected = {OKTA: "authorization server denied", ENTRA: "AADSTS53003"}[client]
    assert expected in result.words


@BOTH
async def test_a_wrong_password_is_a_denial_and_not_a_second_try(lab: Lab, client: Client) -> None:
    result = await lab.sign_in(client, address=INSIDE, password="guess")
    assert result.outcome is Outcome.DENIED
    expected = {OKTA: "Unable to sign in", ENTRA: "Your account or password is incorrect."}[client]
    assert result.words == expected


@BOTH
async def test_a_provider_that_is_not_there_is_never_reached(lab: Lab, client: Client) -> None:
    lab.network.endpoints.clear()
    result = await lab.sign_in(client, address=INSIDE)
    assert result.outcome is Outcome.NEVER_REACHED
    assert "the lab's network has no" in result.words


async def test_okta_logs_the_address_that_the_socket_came_from(lab: Lab) -> None:
    await lab.sign_in(OKTA, address=INSIDE)
    events = lab.servers.okta.log.of_type("policy.evaluate_sign_on")
    assert [event["client"]["ipAddress"] for event in events] == [INSIDE]


async def test_entra_logs_the_address_that_the_socket_came_from(lab: Lab) -> None:
    await lab.sign_in(ENTRA, address=INSIDE)
    assert [entry["ipAddress"] for entry in lab.servers.entra.log.entries] == [INSIDE]


async def test_ben_s_domain_leads_through_okta_and_both_log_his_address(lab: Lab) -> None:
    result = await lab.sign_in(ENTRA, address=INSIDE, user=federation.LOGIN)
    assert (result.outcome, result.words, result.subject) == (Outcome.ALLOWED, "", federation.LOGIN)
    [event] = lab.servers.okta.log.of_type("policy.evaluate_sign_on")
    assert (event["target"][0]["displayName"], event["client"]["ipAddress"]) == (federation.LABEL, INSIDE)
    assert [entry["ipAddress"] for entry in lab.servers.entra.log.entries] == [INSIDE]


async def test_outside_the_zone_ben_ends_at_okta(lab: Lab) -> None:
    result = await lab.sign_in(ENTRA, address=OUTSIDE, user=federation.LOGIN)
    assert result.outcome is Outcome.DENIED
    assert "You do not have permission" in result.words
    assert lab.servers.entra.log.entries == []


async def test_a_result_holds_no_password(lab: Lab) -> None:
    person = Person("anna", lab.known.password)
    shown: list[Any] = [person, lab.known, await lab.sign_in(OKTA, address=OUTSIDE)]
    assert lab.known.password not in repr(shown)
