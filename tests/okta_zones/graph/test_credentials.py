"""An app registration at the lab's Entra, over real HTTPS: secret, certificate, federated token, the wrong tenant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from entra_world import CLIENT_SECRET, EntraWorld, certificate, pem, running_entra
from joserfc import jwt
from joserfc.jwk import RSAKey

from dtr_rules.credentials import Secret
from lab.entra import acme
from lab.entra.knobs import Knobs
from lab.entra.tenant import FederatedCredential
from okta_zones.config.entra_credential import AppCertificate, AppSecret, EntraCredential, FederatedApp
from okta_zones.errors import FarEndError, Refusal, RefusedError, RejectedError
from okta_zones.far_ends import EntraTenant
from okta_zones.graph.locations import LocationTarget
from okta_zones.signing_key import read_key

TOKEN = f"POST /{acme.TENANT_ID}/oauth2/v2.0/token"
ISSUER, SUBJECT = "https://token.actions.example", "repo:acme/zones"
ISSUER_KEY = RSAKey.generate_key(2048, {"kid": "k1"})


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EntraWorld]:
    with running_entra(tmp_path, getattr(request, "param", None)) as running:
        yield running


def read(tenant: EntraTenant) -> None:
    assert LocationTarget(tenant.exchange, acme.LOCATION_NAME).find() is not None


def secret(_world: EntraWorld) -> EntraCredential:
    return AppSecret(acme.GRAPH_CLIENT_ID, Secret(CLIENT_SECRET))


def by_certificate(world: EntraWorld) -> EntraCredential:
    shown = certificate()
    world.register(certificates=(shown,), secret=None)
    return AppCertificate(acme.GRAPH_CLIENT_ID, read_key(pem(), "the key"), shown)


def federated(world: EntraWorld) -> EntraCredential:
    world.register(federated=(FederatedCredential(ISSUER, SUBJECT),), secret=None)
    world.tenant.foreign_keys[ISSUER] = (ISSUER_KEY.as_dict(private=False),)
    write_token(world.directory / "federated", SUBJECT)
    return FederatedApp(acme.GRAPH_CLIENT_ID, world.directory / "federated")


def write_token(path: Path, subject: str) -> None:
    claims = {"iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": int(time.time()) + 600}
    path.write_text(jwt.encode({"alg": "RS256", "kid": "k1"}, claims, ISSUER_KEY))
    path.chmod(0o600)


KINDS = {"a secret": secret, "a certificate": by_certificate, "a federated token": federated}


@pytest.mark.parametrize("credential", KINDS.values(), ids=KINDS.keys())
def test_the_location_is_read_with_one_token(
    world: EntraWorld, credential: Callable[[EntraWorld], EntraCredential]
) -> None:
    tenant = world.open(credential(world))
    read(tenant)
    read(tenant)
    assert world.heard.paths.count(TOKEN) == 1
    assert tenant.authorization.granted == set(acme.ROLES)
    assert CLIENT_SECRET not in f"{tenant!r} {tenant.authorization.__dict__!r}"


@pytest.mark.parametrize("off", [-90_000, 90_000], ids=["a day behind", "a day ahead"])
def test_a_clock_that_is_off_is_mended_by_the_refusals_date(world: EntraWorld, off: float) -> None:
    read(world.open(by_certificate(world), clock=lambda: time.time() + off))
    assert world.heard.paths.count(TOKEN) == 2


def test_a_federated_token_is_read_again_for_every_request(world: EntraWorld) -> None:
    tenant = world.open(federated(world))
    write_token(world.directory / "federated", "repo:stranger")
    with pytest.raises(RejectedError, match="no federated credential of the app matches the token's subject"):
        read(tenant)
    write_token(world.directory / "federated", SUBJECT)
    read(tenant)


def test_a_federated_token_that_has_gone_is_a_failure_of_that_moment(world: EntraWorld) -> None:
    tenant = world.open(federated(world))
    (world.directory / "federated").unlink()
    with pytest.raises(FarEndError, match="federated: No such file or directory"):
        read(tenant)
    write_token(world.directory / "federated", SUBJECT)
    read(tenant)


def test_a_token_that_graph_no_longer_takes_is_replaced_once(world: EntraWorld) -> None:
    tenant = world.open(secret(world))
    read(tenant)
    clock = world.tenant.clock
    world.tenant.tokens._clock = lambda: clock() + timedelta(hours=2)
    read(tenant)
    assert world.heard.paths.count(TOKEN) == 2
    assert [status for path, _, status in world.heard.requests if "/namedLocations" in path] == [200, 401, 200]


def test_a_token_of_another_tenant_is_not_used(world: EntraWorld) -> None:
    world.tenant.tokens._tenant_id = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(RefusedError, match=r"is for tenant 00000000-.*, the file pins") as refused:
        read(world.open(secret(world)))
    assert refused.value.reason is Refusal.OTHER_TENANT
    assert world.heard.paths == [TOKEN]


REFUSED: dict[str, tuple[Callable[[EntraWorld], dict[str, Any]], str]] = {
    "a wrong secret": (lambda world: {"secret": None}, "the client secret is wrong; paste its value"),
    "an expired secret": (
        lambda world: {"secret_expires": world.tenant.clock() - timedelta(days=1)},
        "the client secret has expired; make a new one",
    ),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_app_is_told_what_to_mend(
    world: EntraWorld, change: Callable[[EntraWorld], dict[str, Any]], words: str
) -> None:
    world.register(**change(world))
    with pytest.raises(RejectedError, match=words):
        read(world.open(secret(world)))
    assert world.heard.paths == [TOKEN]


def test_a_certificate_that_the_app_does_not_hold(world: EntraWorld) -> None:
    credential = by_certificate(world)
    assert isinstance(credential, AppCertificate)
    with pytest.raises(RejectedError, match="the certificate is not one that the app registration holds"):
        read(world.open(replace(credential, certificate=certificate(200))))


@pytest.mark.parametrize("world", [Knobs(throttle=timedelta(seconds=0.1))], indirect=True)
def test_requests_are_spaced_so_that_graph_never_says_that_it_was_too_much(
    world: EntraWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okta_zones.exchange.throttle.hold", lambda seconds, why: time.sleep(seconds))
    tenant = world.open(secret(world), graph_interval=0.11)
    for _ in range(4):
        read(tenant)
    assert {status for path, _, status in world.heard.requests if "/namedLocations" in path} == {200}
