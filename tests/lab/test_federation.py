"""An Office 365 domain federated to Okta: two providers, two judgements, two addresses."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from lab import entra, okta
from lab.authority import Authority
from lab.device.sign_in import Client, Outcome, Person, sign_in
from lab.entra.errors import SignInError
from lab.entra.federation import federated_user
from lab.entra.tenant import Tenant
from lab.federation import LABEL, federate, federated_account
from lab.https_server import HttpsServer
from lab.okta.identifiers import new_id
from lab.okta.office365 import Office365App
from lab.okta.org import Org
from lab.okta.sessions import Session
from lab.okta.user import User
from lab.okta.wsfed_token import token_response
from lab.openid.passwords import PasswordDigest
from lab.openid.signing import SigningKey

pytestmark = pytest.mark.anyio

DOMAIN, BEN, PASSWORD = "office.acme.example", "ben@office.acme.example", "a password of Ben's"
TUNNEL, STREET = okta.acme.OLD_ADDRESS, "127.43.8.7"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Federation:
    org: Org
    tenant: Tenant
    app: Office365App
    ben: User
    okta_url: str
    entra_url: str
    trust: ssl.SSLContext

    def http(self, *, to_okta: str, to_entra: str) -> httpx.AsyncClient:
        """A browser that reaches each provider from an address of its own."""
        mounts = {
            url: httpx.AsyncHTTPTransport(verify=self.trust, local_address=address)
            for url, address in ((self.okta_url, to_okta), (self.entra_url, to_entra))
        }
        return httpx.AsyncClient(mounts=mounts, trust_env=False)

    async def sign_in(self, *, to_okta: str, to_entra: str):
        client = Client(
            discovery=f"{self.entra_url}/{self.tenant.id}/v2.0/.well-known/openid-configuration",
            client_id=entra.acme.CLIENT_ID,
            redirect_uri=entra.acme.REDIRECT_URI,
            scope="openid profile",
            asks_userinfo=False,
        )
        async with self.http(to_okta=to_okta, to_entra=to_entra) as http:
            return await sign_in(http, client, Person(BEN, PASSWORD))

    def okta_saw(self) -> list[tuple[str, str, str]]:
        events = self.org.log.of_type("policy.evaluate_sign_on")
        return [
            (event["target"][0]["displayName"], event["client"]["ipAddress"], event["outcome"]["result"])
            for event in events
        ]

    def entra_saw(self) -> list[tuple[str, str, int]]:
        return [
            (entry["userPrincipalName"], entry["ipAddress"], entry["status"]["errorCode"])
            for entry in self.tenant.log.entries
        ]


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def federation(key) -> AsyncIterator[Federation]:
    org = okta.acme_org(password="unused", api_token="unused", signing_key=key)
    tenant = entra.acme_tenant(password="unused", client_secret="unused", signing_key=key)
    ben = User(new_id("00u"), BEN, "Ben", "Acme", PasswordDigest.of(PASSWORD), org.clock())
    org.add_user(ben)
    federated_account(tenant, ben)
    authority = Authority("Test CA")
    async with AsyncExitStack() as stack:
        okta_server, entra_server = [
            await stack.enter_async_context(
                HttpsServer(app, address=address, credential=authority.issue_server([], [address]))
            )
            for app, address in ((okta.create_app(org), "127.40.8.30"), (entra.create_app(tenant), "127.40.8.31"))
        ]
        app = federate(
            org,
            tenant,
            DOMAIN,
            org_url=okta_server.url,
            policy_id=org.apps[okta.acme.CLIENT_ID].policy_id,
            reply_to=f"{entra_server.url}/login.srf",
        )
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
        yield Federation(org, tenant, app, ben, okta_server.url, entra_server.url, trust)


async def test_through_the_tunnel_both_let_in_and_log_the_same_address(federation):
    result = await federation.sign_in(to_okta=TUNNEL, to_entra=TUNNEL)
    assert (result.outcome, result.subject) == (Outcome.ALLOWED, BEN), result.words
    assert federation.okta_saw() == [(LABEL, TUNNEL, "ALLOW")]
    assert federation.entra_saw() == [(BEN, TUNNEL, 0)]


async def test_only_okta_tunnelled_ends_at_conditional_access(federation):
    result = await federation.sign_in(to_okta=TUNNEL, to_entra=STREET)
    assert result.outcome is Outcome.DENIED
    assert "AADSTS53003" in result.words
    assert federation.okta_saw() == [(LABEL, TUNNEL, "ALLOW")]
    assert federation.entra_saw() == [(BEN, STREET, 53003)]


async def test_only_entra_tunnelled_ends_at_okta_and_entra_never_hears_of_it(federation):
    result = await federation.sign_in(to_okta=STREET, to_entra=TUNNEL)
    assert result.outcome is Outcome.DENIED
    assert federation.okta_saw() == [(LABEL, STREET, "DENY")]
    assert federation.entra_saw() == []


async def test_home_realm_discovery_names_okta(federation):
    async with federation.http(to_okta=STREET, to_entra=STREET) as http:
        realm = (await http.get(f"{federation.entra_url}/common/userrealm/{BEN}?api-version=1.0")).json()
        assert (realm["account_type"], realm["federation_protocol"]) == ("Federated", "WSTrust")
        asked = await http.post(f"{federation.entra_url}/common/GetCredentialType", json={"username": BEN})
        assert asked.json()["Credentials"]["FederationRedirectUrl"].startswith(f"{federation.okta_url}/app/office365/")


async def test_okta_answers_no_other_request_there(federation):
    async with federation.http(to_okta=TUNNEL, to_entra=TUNNEL) as http:
        path = f"{federation.okta_url}/app/office365/{federation.app.key}/sso/wsfed/passive"
        assert (await http.get(path, params={"wa": "wsignin1.0", "wtrealm": "urn:other"})).status_code == 400
        assert (await http.get(path.replace(federation.app.key, "exkother"))).status_code == 400


# --- tokens, away from any network ------------------------------------------------------------------


@pytest.fixture(scope="module")
def parties(key) -> tuple[Org, Tenant, Office365App, User]:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    org = okta.acme_org(password="unused", api_token="unused", clock=lambda: now, signing_key=key)
    tenant = entra.acme_tenant(password="unused", client_secret="unused", clock=lambda: now, signing_key=key)
    ben = User(new_id("00u"), BEN, "Ben", "Acme", PasswordDigest.of(PASSWORD), now)
    federated_account(tenant, ben)
    policy = org.apps[okta.acme.CLIENT_ID].policy_id
    app = federate(org, tenant, DOMAIN, org_url="https://acme.okta.com", policy_id=policy)
    return org, tenant, app, ben


def _token(parties, *, late=timedelta(0), user=None, app=None, factors=("knowledge",)):
    org, _, own, ben = parties
    session = Session("idx1", ben.id, ben.login, org.clock(), factors=frozenset(factors))
    return token_response(app or own, user or ben, session, org.clock() - late)


def _refused(parties, token):
    with pytest.raises(SignInError) as caught:
        federated_user(parties[1], token)
    return caught.value.number


def test_a_token_names_the_user_and_what_was_shown(parties):
    user, controls = federated_user(parties[1], _token(parties))
    assert (user.principal_name, controls) == (BEN, frozenset())
    _, controls = federated_user(parties[1], _token(parties, factors=("knowledge", "possession")))
    assert controls == {"mfa"}


@pytest.mark.parametrize(
    ("change", "number"),
    [
        pytest.param(lambda token: token.replace(BEN, "anna@office.acme.example"), 50013, id="other-name"),
        pytest.param(lambda token: token.replace('NotOnOrAfter="2026', 'NotOnOrAfter="2036'), 50013, id="longer-life"),
        pytest.param(lambda token: token.replace("MicrosoftOnline<", "Somebody<"), 50013, id="other-audience"),
        pytest.param(lambda token: token.partition("<ds:Signature")[0] + "</saml:Assertion>", 50008, id="cut-off"),
        pytest.param(
            lambda token: token.replace("http://www.okta.com/exk", "http://evil/exk"), 50107, id="other-issuer"
        ),
        pytest.param(lambda _: "not XML", 50008, id="no-xml"),
        pytest.param(lambda _: "<a/>", 50107, id="no-assertion"),
        pytest.param(lambda _: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 50107, id="entities"),
        pytest.param(lambda _: "<a>" * 100_000, 50008, id="huge"),
    ],
)
def test_a_token_that_was_touched_is_refused(parties, change, number):
    assert _refused(parties, change(_token(parties))) == number


def test_a_token_of_yesterday_is_refused(parties):
    assert _refused(parties, _token(parties, late=timedelta(minutes=11))) == 50008
    assert federated_user(parties[1], _token(parties, late=timedelta(minutes=9)))


def test_another_key_signs_for_nobody(parties):
    org, _, own, _ = parties
    stranger = entra.acme_tenant(password="unused", client_secret="unused", signing_key=SigningKey())
    other = federate(org, stranger, DOMAIN, org_url="https://acme.okta.com", policy_id=own.policy_id)
    assert _refused(parties, _token(parties, app=replace(other, key=own.key))) == 50013


def test_a_person_without_an_account_is_told_so(parties):
    stranger = replace(parties[3], id=new_id("00u"))
    assert _refused(parties, _token(parties, user=stranger)) == 51004


def test_an_org_speaks_for_its_own_domain_only(parties):
    """A token for somebody whom the tenant signs in itself is worth nothing."""
    _, tenant, _, _ = parties
    anna = tenant.user_named(entra.acme.LOGIN)
    tenant.users[anna.id] = replace(anna, immutable_id="00uanna")
    forged = User("00uanna", entra.acme.LOGIN, "Anna", "Acme", PasswordDigest.of("x"), parties[0].clock())
    assert _refused(parties, _token(parties, user=forged)) == 50107
