"""The whole world around one gateway, for as long as a `with` block lasts.

Emulated services in this process, the gateway and the zone controller as processes, every file in one
directory that only its owner can read. On the way out, also by Ctrl-C, no process and no file stays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from dtr_rules import parse_rule_set
from dtr_rules.source import read_text
from lab import entra, federation, okta, uem
from lab.administrator import Access, Administrator
from lab.authority import Authority, Credential, write_private
from lab.clock import Clock
from lab.configuration import EVENTS_USER, Directory, UemAccess, write_gateway, write_zones
from lab.device import Device
from lab.device.sign_in import Client, Person
from lab.gateway import SOCKET_HOST, Launch, RunningGateway, launched_in, run_gateway
from lab.network import ENTRA_HOST, OKTA_HOST, Addresses, Network
from lab.plan import ANNA, BEN, DevicePlan, WorldPlan
from lab.servers import Secrets, Servers, Settings, serve
from lab.uem.acme import provide_tunnel
from lab.uem.automation import Reinstall
from lab.uem.compliance.policy import passcode_policy
from lab.uem.event_desk import Receiver
from lab.uem.profile import TunnelGateway

OUTLOOK: Final = "com.microsoft.Office.Outlook"


@dataclass(frozen=True, slots=True)
class World:
    """A running world. The devices exist and are not yet enrolled."""

    plan: WorldPlan
    clock: Clock
    """The time of the emulated services."""
    directory: Directory
    authority: Authority
    servers: Servers
    gateway: RunningGateway
    gateway_certificate: str
    administrator: Administrator
    access: Access = field(repr=False)
    """What administrators need to get in."""
    http: httpx.AsyncClient = field(repr=False)
    """What they use: it comes from this machine, and no tunnel is in its way."""
    environment: Mapping[str, str] = field(repr=False)
    """What programs of this world are started with."""
    people: Mapping[str, Person]
    okta: Client
    entra: Client
    devices: Mapping[str, Device]
    """By the names that the plan gives them."""
    trust: ssl.SSLContext = field(repr=False)
    network: Network = field(repr=False)


@contextlib.asynccontextmanager
async def running_world(
    plan: WorldPlan, network: Network | None = None, launch: Launch | None = None
) -> AsyncIterator[World]:
    """Start the world that `plan` describes; its rules are the text of a file that `read_rules` took.

    Without a `network` it is one of loopback addresses; without a `launch` the gateway starts as its users start it.

    Raises, with nothing left running: lab.process.ProgramFailedError when the gateway does not start, OSError when an
    address cannot be had.
    """
    async with contextlib.AsyncExitStack() as stack:
        directory = Directory(stack.enter_context(_private_directory()))
        authority = Authority("Tunnel lab")
        write_private(directory.authority, authority.certificate_pem)
        known, network, clock = Secrets(), network or Network(), Clock()
        addresses = network.addresses
        settings = _settings(plan, clock, addresses)
        servers = await stack.enter_async_context(serve(authority, known, network, settings))
        server = authority.issue_server(["gateway.acme.example"], [addresses.gateway])
        _write_gateway(directory, plan, servers, server, known=known, network=network)
        environment = _environment(directory)
        gateway = await stack.enter_async_context(
            run_gateway(directory, environment, network, launch or launched_in(network))
        )
        _write_zones(directory, plan, servers, known=known, gateway=gateway, owned=addresses.egress_block)
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
        access = _access(directory, servers, known, gateway)
        client = httpx.AsyncClient(verify=trust, trust_env=False, mounts=_mounts(gateway))
        http = await stack.enter_async_context(client)
        world = World(
            plan=plan,
            clock=clock,
            directory=directory,
            authority=authority,
            servers=servers,
            gateway=gateway,
            gateway_certificate=server.certificate_pem.decode(),
            administrator=Administrator(access, http),
            access=access,
            http=http,
            environment=environment,
            people=_people(known),
            okta=_okta_client(),
            entra=_entra_client(),
            devices={
                each.name: _device(each, directory, network, trust=trust, clock=clock)
                for each in plan.placed(addresses)
            },
            trust=trust,
            network=network,
        )
        _provide(servers.uem, world, known)
        yield world


def read_rules(path: Path) -> str:
    """The text of a rule file that can be used. Raises dtr_rules.UnusableFileError."""
    text = read_text(path)
    parse_rule_set(text, str(path))
    return text


@contextlib.contextmanager
def _private_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="tunnel-lab-"))  # 0700 by its contract
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _mounts(gateway: RunningGateway) -> dict[str, httpx.AsyncBaseTransport]:
    """How the administrators' HTTP client reaches an admin endpoint that is a Unix socket."""
    if gateway.admin_socket is None:
        return {}
    return {SOCKET_HOST: httpx.AsyncHTTPTransport(uds=gateway.admin_socket)}


def _settings(plan: WorldPlan, clock: Clock, addresses: Addresses) -> Settings:
    """Where the egress is admitted, it stands there as okta-zones would have written it."""
    first, last = addresses.egress
    return Settings(
        clock,
        plan.okta,
        plan.entra,
        plan.uem,
        (dataclasses.replace(passcode_policy(), steps=plan.compliance),),
        admitted_ranges=(f"{first}-{last}",) if plan.egress_admitted else (),
        admitted_networks=(f"{first}/31",) if plan.egress_admitted else (),
    )


def _environment(directory: Directory) -> dict[str, str]:
    """The caller's environment, with the lab's authority as the one that counts, and no proxy in between."""
    return {**os.environ, "SSL_CERT_FILE": str(directory.authority), "NO_PROXY": "*", "no_proxy": "*"}


def _device(plan: DevicePlan, directory: Directory, network: Network, *, trust: ssl.SSLContext, clock: Clock) -> Device:
    return Device(
        name=plan.name,
        platform=plan.platform,
        udid=plan.udid,
        address=plan.address,
        network=network,
        trust=trust,
        storage=directory.device(plan.name),
        now=clock.now,
    )


def _provide(tenant: uem.Tenant, world: World, known: Secrets) -> None:
    """What the UEM's administrators have set up: the Tunnel, its automation, and who is told of events."""
    plan, gateway = world.plan, world.gateway
    served = TunnelGateway(gateway.address, gateway.port, world.gateway_certificate)
    provide_tunnel(tenant, served, plan.rules, plan.restricted_rules)
    if plan.tunnel_app_after is not None:
        tenant.automations.active.append(Reinstall(after=plan.tunnel_app_after))
    tenant.events.add(Receiver("tunnel-gateway", gateway.events_url, EVENTS_USER, known.events_password))


def _people(known: Secrets) -> dict[str, Person]:
    """Anna signs in at each provider by herself; Ben's domain is federated."""
    return {ANNA: Person(okta.acme.LOGIN, known.password, known.code), BEN: Person(federation.LOGIN, known.password)}


def _okta_client() -> Client:
    return Client(
        discovery=f"https://{OKTA_HOST}/.well-known/openid-configuration",
        client_id=okta.acme.CLIENT_ID,
        redirect_uri=okta.acme.REDIRECT_URI,
        scope="openid profile email",
        asks_userinfo=True,
    )


def _entra_client() -> Client:
    return Client(
        discovery=f"https://{ENTRA_HOST}/{entra.acme.TENANT_ID}/v2.0/.well-known/openid-configuration",
        client_id=entra.acme.CLIENT_ID,
        redirect_uri=entra.acme.REDIRECT_URI,
        scope="openid profile",
        asks_userinfo=False,
    )


def _access(directory: Directory, servers: Servers, known: Secrets, gateway: RunningGateway) -> Access:
    return Access(
        okta_url=servers.okta_url,
        okta_token=known.okta_token,
        entra_url=servers.entra_url,
        entra_tenant=entra.acme.TENANT_ID,
        entra_client_id=entra.acme.GRAPH_CLIENT_ID,
        entra_client_secret=known.graph_client_secret,
        uem_url=servers.uem_url,
        uem_operator=servers.uem.secrets.operator,
        gateway_admin_url=gateway.admin_web,
        gateway_admin_token=known.gateway_admin,
        decision_log=directory.decisions,
    )


def _write_gateway(
    directory: Directory, plan: WorldPlan, servers: Servers, server: Credential, *, known: Secrets, network: Network
) -> None:
    shown = servers.uem.secrets
    write_gateway(
        directory,
        rules=plan.rules,
        server=server,
        device_authority_pem=servers.uem.authority.certificate_pem,
        uem=UemAccess(servers.uem_url, shown.client_id, shown.client_secret, shown.tenant_code),
        admin_token=known.gateway_admin,
        events_password=known.events_password,
        addresses=network.addresses,
        admin=network.admin_endpoint(),
        events=network.events_endpoint(),
        connect_to=network.connect_to(),
        changes=plan.gateway,
    )


def _write_zones(
    directory: Directory, plan: WorldPlan, servers: Servers, *, known: Secrets, gateway: RunningGateway, owned: str
) -> None:
    to_okta: dict[str, Any] = {
        "name": "okta",
        "kind": "okta",
        "org-url": servers.okta_url,
        "org-id": okta.acme.ORG_ID,
        "zone": okta.acme.ZONE_NAME,
        "token-file": directory.secret("okta.token", known.okta_token),
    }
    to_entra: dict[str, Any] = {
        "name": "entra",
        "kind": "entra",
        "tenant": entra.acme.TENANT_ID,
        "location": entra.acme.LOCATION_NAME,
        "client-id": entra.acme.GRAPH_CLIENT_ID,
        "client-secret-file": directory.secret("entra.secret", known.graph_client_secret),
        "login-url": servers.entra_url,
        "graph-url": servers.entra_url,
    }
    targets = [to_okta, to_entra]
    write_zones(directory, admin_url=gateway.admin_url, owned=owned, targets=targets, changes=plan.zones)
