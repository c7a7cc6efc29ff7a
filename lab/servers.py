"""The emulated services of the lab's world, listening: Okta, Entra, the UEM, with the lab's certificates."""

from __future__ import annotations

import contextlib
import functools
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric import rsa

from lab import entra, okta, uem
from lab.authority import Authority
from lab.clock import Clock
from lab.entra.sample_resource import create_sample_resource
from lab.entra_integration import EntraIntegration, register
from lab.federation import federate_office, new_key
from lab.https_server import HttpsServer
from lab.network import CUSTOM_HOST, ENTRA_HOST, GRAPH_HOST, LOOK_ALIKE_HOST, OKTA_HOST, SAMPLE_HOST, UEM_HOST, Network
from lab.openid.passwords import SecretDigest
from lab.openid.signing import SigningKey
from lab.uem.compliance.policy import CompliancePolicy, passcode_policy
from lab.uem.tenant import AUTHORITY_NAME


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made anew for each world: what people and programs show to the emulated services."""

    password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    """Anna's at both identity providers, and Ben's at Okta."""
    code: str = field(default_factory=lambda: f"{secrets.randbelow(10**6):06}", repr=False)
    """What Anna's simulated authenticator shows, where Okta asks for a second factor."""
    okta_token: str = field(default_factory=secrets.token_urlsafe, repr=False)
    graph_client_secret: str = field(default_factory=secrets.token_urlsafe, repr=False)
    gateway_admin: str = field(default_factory=secrets.token_urlsafe, repr=False)
    events_password: str = field(default_factory=secrets.token_urlsafe, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the services are set. Zone and named location hold the `admitted_…` from the start."""

    clock: Clock = field(default_factory=Clock)
    okta: okta.Knobs = field(default_factory=okta.Knobs)
    entra: entra.Knobs = field(default_factory=entra.Knobs)
    uem: uem.Knobs = field(default_factory=uem.Knobs)
    policies: tuple[CompliancePolicy, ...] = (passcode_policy(),)
    admitted_ranges: tuple[str, ...] = ()
    admitted_networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Keys:
    okta: SigningKey
    entra: SigningKey
    federation: rsa.RSAPrivateKey


@functools.cache
def _keys() -> _Keys:
    """Made once in a process: making them takes longer than everything else that a world needs."""
    return _Keys(SigningKey(), SigningKey(), new_key())


@dataclass(frozen=True, slots=True)
class Servers:
    """The services, their states and their URLs."""

    okta: okta.Org
    okta_url: str
    entra: entra.Tenant
    entra_url: str
    uem: uem.Tenant
    uem_url: str


@contextlib.asynccontextmanager
async def serve(
    authority: Authority, known: Secrets, network: Network, settings: Settings | None = None
) -> AsyncIterator[Servers]:
    """Start the services and enter their host names into `network`. Raises OSError when an address cannot be had."""
    settings = settings or Settings()
    keys, clock, addresses = _keys(), settings.clock.now, network.addresses
    org = okta.acme_org(
        password=known.password,
        api_token=known.okta_token,
        clock=clock,
        knobs=settings.okta,
        signing_key=keys.okta,
        former=addresses.former,
        office=addresses.office,
        admitted=settings.admitted_ranges,
    )
    tenant = entra.acme_tenant(
        password=known.password,
        client_secret=known.graph_client_secret,
        clock=clock,
        knobs=settings.entra,
        signing_key=keys.entra,
        former=f"{addresses.former}/32",
        office=addresses.office,
        admitted=settings.admitted_networks,
    )
    anna = org.user(okta.acme.LOGIN)
    assert anna is not None
    org.add_user(replace(anna, second_factor=SecretDigest.of(known.code)))
    federate_office(org, tenant, password=known.password, org_url=f"https://{OKTA_HOST}", key=keys.federation)
    inventory = uem.Tenant(
        now=clock,
        authority=Authority(AUTHORITY_NAME),
        knobs=settings.uem,
        policies=settings.policies,
    )
    okta_server = HttpsServer(
        okta.create_app(org),
        address=addresses.okta,
        port=addresses.port,
        listen=network.listen,
        credential=authority.issue_server([OKTA_HOST, CUSTOM_HOST], [addresses.okta]),
    )
    entra_server = HttpsServer(
        entra.create_app(tenant),
        address=addresses.entra,
        port=addresses.port,
        listen=network.listen,
        credential=authority.issue_server([ENTRA_HOST, GRAPH_HOST], [addresses.entra]),
    )
    sample_server = HttpsServer(
        create_sample_resource(tenant),
        address=addresses.sample,
        port=addresses.port,
        listen=network.listen,
        credential=authority.issue_server([SAMPLE_HOST, LOOK_ALIKE_HOST], [addresses.sample]),
    )
    uem_server = uem.UemServer(
        inventory,
        address=addresses.uem,
        port=addresses.port,
        listen=network.listen,
        credential=authority.issue_server([UEM_HOST], [addresses.uem]),
        trust=ssl.create_default_context(cadata=authority.certificate_pem.decode()),
    )
    async with okta_server, entra_server, sample_server, uem_server:
        network.lead(OKTA_HOST, addresses.okta, okta_server.port)
        network.lead(CUSTOM_HOST, addresses.okta, okta_server.port)
        network.lead(ENTRA_HOST, addresses.entra, entra_server.port)
        network.lead(GRAPH_HOST, addresses.entra, entra_server.port)
        network.lead(SAMPLE_HOST, addresses.sample, sample_server.port)
        network.lead(LOOK_ALIKE_HOST, addresses.sample, sample_server.port)
        network.lead(UEM_HOST, addresses.uem, uem_server.port)
        integration = EntraIntegration(entra_server.url, tenant.id, register(tenant), uem_server.way_out)
        inventory.revocations.revoke = integration.revoke
        yield Servers(org, okta_server.url, tenant, entra_server.url, inventory, uem_server.url)
