"""A service app at the lab's Okta, over real HTTPS: keys, scopes, DPoP, the wrong org, a clock that is off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from okta_world import ALL_SCOPES, API_TOKEN, PRIVATE_KEY, OktaWorld, pem, running_okta, signing

from dtr_rules.credentials import Secret
from lab.okta import acme
from lab.okta.knobs import Knobs
from lab.okta.network_restriction import NetworkRestriction
from okta_zones.config.okta_credential import ApiToken, ServiceApp
from okta_zones.errors import NotGrantedError, Refusal, RefusedError, RejectedError
from okta_zones.far_ends import OktaOrg
from okta_zones.needs import OKTA, Verb
from okta_zones.okta.service_app import ServiceAppAuthorization
from okta_zones.okta.zones import ZoneTarget
from okta_zones.signing_key import read_key

RSA = rsa.generate_private_key(65537, 2048)

OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OktaWorld]:
    with running_okta(tmp_path, getattr(request, "param", None)) as running:
        yield running


def read_and_write(org: OktaOrg) -> None:
    target = ZoneTarget(org.exchange, acme.ZONE_NAME)
    found = target.find()
    assert found is not None
    target.replace(found, found.entries)


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
@pytest.mark.parametrize("key", [RSA, PRIVATE_KEY], ids=["rs256", "es256"])
def test_a_zone_is_read_and_written(world: OktaWorld, key: Any, dpop: bool) -> None:
    org = world.open(world.app(signing(key), dpop_bound=dpop))
    read_and_write(org)
    read_and_write(org)
    tokens = 3 if dpop else 1  # without a proof, without a nonce, with both; then one token for all
    assert world.heard.paths[:2] == ["GET /.well-known/okta-organization", "POST /oauth2/v1/token"]
    assert world.heard.paths.count("POST /oauth2/v1/token") == tokens
    assert isinstance(org.authorization, ServiceAppAuthorization)
    assert org.authorization.bound is dpop
    shown = [headers for path, headers, _ in world.heard.requests if "/zones" in path]
    assert {each["authorization"].split()[0] for each in shown} == {"DPoP" if dpop else "Bearer"}
    proofs = [each.get("dpop") for each in shown]
    assert len(set(proofs)) == (4 if dpop else 1)


@pytest.mark.parametrize("world", [Knobs(nonce_challenge_spends_assertion=True)], indirect=True)
def test_a_nonce_challenge_may_use_up_the_assertion(world: OktaWorld) -> None:
    read_and_write(world.open(world.app(signing(), dpop_bound=True)))


@pytest.mark.parametrize("off", [-600, 600], ids=["ten minutes behind", "ten minutes ahead"])
@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
def test_a_clock_that_is_off(world: OktaWorld, off: float, dpop: bool) -> None:
    read_and_write(world.open(world.app(signing(), dpop_bound=dpop), clock=lambda: time.time() + off))


def test_a_token_that_okta_no_longer_takes_is_replaced_once(world: OktaWorld) -> None:
    org = world.open(world.app(signing(), dpop_bound=True))
    read_and_write(org)
    tokens = world.org.service_tokens
    revoked = replace_reader(tokens)
    read_and_write(org)
    assert revoked == [True]


def replace_reader(tokens: Any) -> list[bool]:
    """Make the org forget the token of the next request."""
    from lab.openid.signing import InvalidTokenError  # noqa: PLC0415

    read, refused = tokens.read, []

    def once(token: str) -> Any:
        if not refused:
            refused.append(True)
            raise InvalidTokenError("revoked")
        return read(token)

    tokens.read = once
    return refused


def test_every_verb_asks_for_its_own_scopes_and_a_reading_one_never_for_manage(world: OktaWorld) -> None:
    for verb in Verb:
        org = world.open(world.app(signing()), verb)
        org.authorization.ready()
        assert isinstance(org.authorization, ServiceAppAuthorization)
        assert org.authorization.granted == {*OKTA[verb].required, *OKTA[verb].useful}
        manages = any(scope.endswith(".manage") for scope in org.authorization.granted)
        assert manages is (verb in {Verb.APPLY, Verb.RETIRE, Verb.ROTATE, Verb.WATCH})


def test_useful_scopes_that_are_not_granted_are_done_without(world: OktaWorld) -> None:
    org = world.open(world.app(signing(), frozenset({"okta.networkZones.read", "okta.networkZones.manage"})))
    read_and_write(org)


def test_a_required_scope_that_is_not_granted_is_named(world: OktaWorld) -> None:
    org = world.open(world.app(signing(), ALL_SCOPES - {"okta.networkZones.manage"}))
    with pytest.raises(NotGrantedError, match=r"was not granted okta\.networkZones\.manage; `okta-zones doctor`"):
        read_and_write(org)
    assert not any("/zones" in path for path in world.heard.paths)


REFUSED = {
    "another key": (lambda app: ServiceApp(app.client_id, signing(OTHER)), "is not the one that the app holds"),
    "another key id": (
        lambda app: ServiceApp(app.client_id, read_key(pem(PRIVATE_KEY), "k", "key-2")),
        "key-id must be the id of a key that the app holds",
    ),
    "another app": (lambda app: ServiceApp("0oanobody", app.key), "client-id is not the id of an app of this org"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_app_is_told_what_to_mend(
    world: OktaWorld, change: Callable[[ServiceApp], ServiceApp], words: str
) -> None:
    with pytest.raises(RejectedError, match=words):
        read_and_write(world.open(change(world.app(signing()))))
    assert world.heard.paths.count("POST /oauth2/v1/token") == 1


def test_an_app_outside_its_network(world: OktaWorld) -> None:
    network = NetworkRestriction("ZONE", include=(world.org.zones.named(acme.ZONE_NAME).id,))
    with pytest.raises(RejectedError, match="the app's network restriction does not hold the address"):
        read_and_write(world.open(world.app(signing(), network=network)))


@pytest.mark.parametrize("kind", ["token", "app"])
def test_another_org_gets_no_credential(world: OktaWorld, kind: str) -> None:
    credential = ApiToken(Secret(API_TOKEN)) if kind == "token" else world.app(signing())
    with pytest.raises(RefusedError, match=f"is the org {acme.ORG_ID}, the file pins 00oanother") as refused:
        read_and_write(world.open(credential, org_id="00oanother"))
    assert refused.value.reason is Refusal.OTHER_ORG
    assert world.heard.paths == ["GET /.well-known/okta-organization"]
    assert not any("authorization" in headers for _, headers, _ in world.heard.requests)


def test_a_token_of_another_issuer_is_not_used(world: OktaWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = world.org.service_tokens.issue
    monkeypatch.setattr(
        world.org.service_tokens, "issue", lambda _url, *more: issue("https://elsewhere.example", *more)
    )
    with pytest.raises(RefusedError, match=r"was issued by https://elsewhere\.example") as refused:
        read_and_write(world.open(world.app(signing())))
    assert refused.value.reason is Refusal.OTHER_ORG
    assert not any("/zones" in path for path in world.heard.paths)


def test_nothing_shows_a_secret(world: OktaWorld) -> None:
    org = world.open(world.app(signing()))
    org.authorization.ready()
    shown = f"{org!r} {org.authorization!r} {org.authorization.__dict__!r} {signing()!r}"
    assert isinstance(org.authorization, ServiceAppAuthorization)
    token = org.authorization._token
    assert token is not None
    assert token.secret.reveal() not in shown
    assert json.dumps(PRIVATE_KEY.private_numbers().private_value) not in shown


def test_a_token_is_replaced_before_it_ends(world: OktaWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    org = world.open(world.app(signing()))
    read_and_write(org)
    assert isinstance(org.authorization, ServiceAppAuthorization)
    token = org.authorization._token
    assert token is not None
    org.authorization._token = replace(token, replace_at=time.monotonic() - 1)
    read_and_write(org)
    assert world.heard.paths.count("POST /oauth2/v1/token") == 2
    assert [status for path, _, status in world.heard.requests if "/zones" in path] == [200] * 4
