"""The named location, against the lab's Entra over real HTTPS; and both sides at once, from the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typer.testing import CliRunner

from lab.authority import Authority
from lab.entra import acme
from lab.entra.app import create_app
from lab.entra.knobs import Knobs
from lab.entra.tenant import Tenant
from lab.https_server import HttpsServer
from lab.okta import acme as okta_acme
from lab.okta.app import create_app as create_okta
from okta_zones import Journal, Outcome, Pace, Run, apply_all, ask, load, opened, order_of, plan_all, sources_of
from okta_zones.addresses import NOTHING
from okta_zones.cli import app
from okta_zones.needs import Verb

SECRET = "entra-client-secret"
OKTA_TOKEN = "okta-secret-token"
ENTRA_ADDRESS, OKTA_ADDRESS = "127.40.0.20", "127.40.0.10"


def okta_target(url: str) -> str:
    return (
        f'- {{name: okta, kind: okta, org-url: "{url}", org-id: {okta_acme.ORG_ID}, zone: Tunnel egress, '
        "token-file: okta.token}\n"
    )


@dataclass
class Watched:
    """An application that remembers what it answered."""

    app: ASGIApp
    answers: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answers.append((scope["method"], message["status"]))
            await send(message)

        await self.app(scope, receive, watch)


@dataclass
class SteppingClock:
    """A clock that moves on a little whenever somebody looks."""

    step: timedelta
    now: datetime = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@dataclass
class World:
    """Tenants that answer over HTTPS as long as the stack is open."""

    directory: Path
    authority: Authority
    stack: ExitStack
    portal: Any

    def serve(self, application: ASGIApp, host: str, address: str) -> str:
        credential = self.authority.issue_server([host], [address])
        server = HttpsServer(application, address=address, credential=credential)
        return str(self.stack.enter_context(self.portal.wrap_async_context_manager(server)).url)

    def serve_entra(self, tenant: Tenant) -> tuple[Watched, str]:
        watched = Watched(create_app(tenant))
        return watched, self.serve(watched, acme.HOST, ENTRA_ADDRESS)

    def configure(self, *targets: str) -> Path:
        path = self.directory / "okta-zones.yaml"
        path.write_text(
            "version: 1\nowned-prefixes: [127.42.0.0/24]\nsafety: {accept: [not-public]}\npropagation: 0s\n"
            "sources: {addresses: [127.42.0.10, 127.42.0.11]}\ntargets:\n" + "".join(targets)
        )
        return path

    def entra(self, url: str, location: str = f"location: {acme.LOCATION_NAME}") -> str:
        return (
            f"- {{name: entra, kind: entra, tenant: {acme.TENANT_ID}, {location}, client-id: {acme.GRAPH_CLIENT_ID},\n"
            f'   client-secret-file: entra.secret, login-url: "{url}", graph-url: "{url}"}}\n'
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    authority = Authority("Lab CA")
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    for name, secret in (("entra.secret", SECRET), ("okta.token", OKTA_TOKEN)):
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with start_blocking_portal() as portal, ExitStack() as stack:
        yield World(tmp_path, authority, stack, portal)


def tenant(**more: Any) -> Tenant:
    return acme.acme_tenant(password="a password", client_secret=SECRET, **more)


def keep(path: Path, *, writes: bool = True) -> Run:
    settings = load(path, os.environ)
    book = Journal.opened(settings.journal, lambda: datetime.now(UTC))
    with opened(settings, Verb.APPLY) as targets, book as journal:
        survey = ask(sources_of(settings), journal, quiet)
        order = order_of(survey, NOTHING, settings.owned)
        run = plan_all(order, survey, targets, accepted=settings.accepted, journal=journal, tell=quiet)
        return apply_all(run, targets, journal, Pace(interval=0), quiet) if writes else run


def quiet(words: str) -> None:
    """Nobody watches."""


def ranges(of: Tenant, name: str = acme.LOCATION_NAME) -> list[str]:
    (found,) = [location for location in of.locations.stored() if location.display_name == name]
    return [entry["cidrAddress"] for entry in found.details["ipRanges"]]


def test_the_location_is_kept_and_what_is_not_ours_stays(world: World) -> None:
    entra = tenant()
    watched, url = world.serve_entra(entra)
    path = world.configure(world.entra(url))
    assert [result.outcome for result in keep(path).results] == [Outcome.WRITTEN]
    assert ranges(entra) == [acme.OLD_ADDRESS, acme.FOREIGN_RANGE, "127.42.0.10/31"]
    assert [result.outcome for result in keep(path).results] == [Outcome.UNCHANGED]
    assert [method for method, _ in watched.answers].count("PATCH") == 1


def test_an_absent_location_is_created_and_not_trusted(world: World) -> None:
    entra = tenant()
    _, url = world.serve_entra(entra)
    (result,) = keep(world.configure(world.entra(url, "location: Brand new"))).results
    assert result.outcome is Outcome.WRITTEN
    assert ranges(entra, "Brand new") == ["127.42.0.10/31"]
    assert not entra.locations.read(str(result.target_id)).trusted


def test_a_location_behind_many_others_is_found(world: World) -> None:
    entra = tenant(knobs=Knobs(graph_page_size=2))
    entry = {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}
    kind = "#microsoft.graph.ipNamedLocation"
    for name in ("One", "Two", "Three", "Last"):
        entra.locations.create({"@odata.type": kind, "displayName": name, "ipRanges": [entry], "isTrusted": True})
    _, url = world.serve_entra(entra)
    assert keep(world.configure(world.entra(url, "location: Last"))).results[0].outcome is Outcome.WRITTEN
    assert ranges(entra, "Last") == ["192.0.2.0/24", "127.42.0.10/31"]


def test_one_of_two_locations_of_one_name_is_pinned(world: World) -> None:
    entra = tenant()
    entry = {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}
    twin = entra.locations.create(
        {
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "displayName": acme.LOCATION_NAME,
            "ipRanges": [entry],
        }
    )
    _, url = world.serve_entra(entra)
    (refused,) = keep(world.configure(world.entra(url))).results
    assert refused.outcome is Outcome.REFUSED
    assert twin.id in str(refused.failure)
    (written,) = keep(world.configure(world.entra(url, f"location-id: {twin.id}"))).results
    assert written.outcome is Outcome.WRITTEN
    assert written.target_id == twin.id


def test_reads_that_show_old_and_new_by_turns_are_waited_out(world: World) -> None:
    clock = SteppingClock(timedelta(seconds=0.5))
    entra = tenant(clock=clock, knobs=Knobs(read_lag=timedelta(seconds=20)))
    watched, url = world.serve_entra(entra)
    assert keep(world.configure(world.entra(url))).results[0].outcome is Outcome.WRITTEN
    assert len(watched.answers) > 8


def test_one_call_a_second_is_enough(world: World) -> None:
    clock = SteppingClock(timedelta(seconds=0.2))
    entra = tenant(clock=clock, knobs=Knobs(throttle=timedelta(seconds=1)))
    watched, url = world.serve_entra(entra)
    assert keep(world.configure(world.entra(url))).results[0].outcome is Outcome.WRITTEN
    assert 429 in [status for _, status in watched.answers]
    assert [status for method, status in watched.answers if method == "PATCH" and status != 429] == [204]


def test_a_wrong_client_secret(world: World) -> None:
    (world.directory / "entra.secret").write_text("another-secret")
    _, url = world.serve_entra(tenant())
    (result,) = keep(world.configure(world.entra(url))).results
    assert result.outcome is Outcome.FAILED
    assert "AADSTS7000215" in str(result.failure)
    assert "another-secret" not in str(result.failure)


def test_an_app_that_may_only_read(world: World) -> None:
    entra = tenant(roles=["Policy.Read.All"])
    _, url = world.serve_entra(entra)
    (result,) = keep(world.configure(world.entra(url))).results
    assert result.outcome is Outcome.FAILED
    assert "Authorization_RequestDenied" in str(result.failure)


def test_okta_and_entra_in_one_run(world: World) -> None:
    entra = tenant()
    org = okta_acme.acme_org(password="a password", api_token=OKTA_TOKEN)
    _, url = world.serve_entra(entra)
    org_url = world.serve(create_okta(org), okta_acme.HOST, OKTA_ADDRESS)
    okta = okta_target(org_url)
    path = world.configure(okta, world.entra(url))
    result = CliRunner().invoke(app, ["apply", "--config", str(path), "--json"])
    assert result.exit_code == 0
    targets = json.loads(result.stdout)["targets"]
    assert [(each["kind"], each["outcome"]) for each in targets] == [("okta", "written"), ("entra", "written")]
    assert [each["add"] for each in targets] == [["127.42.0.10-127.42.0.11"]] * 2
    assert ranges(entra) == [acme.OLD_ADDRESS, acme.FOREIGN_RANGE, "127.42.0.10/31"]
    assert [entry["value"] for entry in org.zones.named("Tunnel egress").details["gateways"]] == [
        f"{okta_acme.OLD_ADDRESS}-{okta_acme.OLD_ADDRESS}",
        okta_acme.FOREIGN_RANGE,
        "127.42.0.10-127.42.0.11",
    ]
    assert not any(secret in result.output for secret in (SECRET, OKTA_TOKEN))


def test_an_entra_that_cannot_be_reached_keeps_okta_from_being_written(world: World) -> None:
    org = okta_acme.acme_org(password="a password", api_token=OKTA_TOKEN)
    org_url = world.serve(create_okta(org), okta_acme.HOST, OKTA_ADDRESS)
    okta = okta_target(org_url)
    result = CliRunner().invoke(
        app, ["apply", "--config", str(world.configure(okta, world.entra("https://127.0.0.1:1")))]
    )
    assert result.exit_code == 3
    assert "not changed, because of the others" in result.stdout
    assert org.log.of_type("zone.update") == []
