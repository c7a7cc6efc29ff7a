"""How services show at Entra's token endpoint that they are themselves."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from lab.authority import Authority
from lab.entra.acme import GRAPH_CLIENT_ID, TENANT_ID
from lab.entra.tenant import FederatedCredential

pytestmark = pytest.mark.anyio

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = RSAKey.import_key(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), {"kid": "k1"})
STRANGER = RSAKey.generate_key(2048, {"kid": "k1"})
ISSUER, SUBJECT = "https://token.actions.example", "repo:acme/zones:ref:refs/heads/main"


def _certificate(world):
    authority = Authority("Acme", now=world.clock)
    return authority.issue_device("zones", public_key=PRIVATE.public_key(), valid_for=timedelta(days=30))


def _register(world, **changes):
    service = world.tenant.services[GRAPH_CLIENT_ID]
    world.tenant.services[GRAPH_CLIENT_ID] = replace(service, **changes)


def _encoded(digest):
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _signed(header, claims, key=KEY):
    registry = JWSRegistry(algorithms=["RS256", "PS256"], strict_check_header=False)
    return jwt.encode(
        header, {name: value for name, value in claims.items() if value is not None}, key, registry=registry
    )


def _assertion(world, certificate, header=None, key=KEY, **changes):
    now = int(world.clock().timestamp())
    sha256 = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    claims = {
        "iss": GRAPH_CLIENT_ID,
        "sub": GRAPH_CLIENT_ID,
        "aud": f"{world.url}/{TENANT_ID}/oauth2/v2.0/token",
        "exp": now + 600,
        "nbf": now,
        "jti": "1",
    } | changes
    return _signed(header or {"alg": "PS256", "x5t#S256": _encoded(sha256)}, claims, key)


async def _token(world, assertion):
    return await world.service_token(client_secret="", client_assertion_type=TYPE, client_assertion=assertion)


async def test_a_registered_certificate_is_known_by_either_thumbprint(world):
    certificate = _certificate(world)
    _register(world, certificates=(certificate,), secret=None)
    sha1 = _encoded(hashlib.sha1(certificate.public_bytes(Encoding.DER)).digest())
    for assertion in (
        _assertion(world, certificate),
        _assertion(world, certificate, {"alg": "RS256", "x5t": sha1}),
        _assertion(world, certificate, aud=f"{world.url}/{TENANT_ID}/v2.0"),
    ):
        answer = await _token(world, assertion)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        pytest.param({"exp": 1}, 700024, id="expired"),
        pytest.param({"exp": None}, 700024, id="no-expiry"),
        pytest.param({"aud": "https://elsewhere.example"}, 700023, id="other-audience"),
        pytest.param({"sub": "somebody"}, 700021, id="other-subject"),
        pytest.param({"key": STRANGER}, 700027, id="other-key"),
        pytest.param({"header": {"alg": "PS256", "x5t#S256": "unknown"}}, 700027, id="other-certificate"),
        pytest.param({"header": {"alg": "PS256"}}, 700027, id="no-thumbprint"),
    ],
)
async def test_a_flawed_assertion_gets_an_aadsts_error(world, changes, number):
    certificate = _certificate(world)
    _register(world, certificates=(certificate,))
    answer = await _token(world, _assertion(world, certificate, **changes))
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])
    assert answer.json()["error"] == "invalid_client"


async def test_a_certificate_that_has_expired_proves_nothing(world):
    certificate = _certificate(world)
    _register(world, certificates=(certificate,))
    world.clock.move(days=31)
    assert (await _token(world, _assertion(world, certificate))).json()["error_codes"] == [700027]


async def test_half_an_assertion_is_malformed(world):
    answer = await _token(world, "eyJ.nonsense")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [50027])


def _federate(world, **changes):
    credential = FederatedCredential(ISSUER, SUBJECT)
    _register(world, federated=(replace(credential, **changes),), secret=None)
    world.tenant.foreign_keys[ISSUER] = (KEY.as_dict(private=False),)


def _foreign(world, key=KEY, **changes):
    now = int(world.clock().timestamp())
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", "exp": now + 600} | changes
    return _signed({"alg": "RS256", "kid": "k1"}, claims, key)


async def test_a_token_of_a_federated_issuer_stands_for_the_service(world):
    _federate(world)
    assert (await _token(world, _foreign(world))).status_code == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        pytest.param({"iss": "https://other.example"}, 700211, id="issuer"),
        pytest.param({"sub": "repo:stranger"}, 700213, id="subject"),
        pytest.param({"aud": "api://other"}, 700212, id="audience"),
        pytest.param({"exp": 1}, 700024, id="expired"),
        pytest.param({"key": STRANGER}, 700027, id="signature"),
    ],
)
async def test_a_foreign_token_must_match_its_credential(world, changes, number):
    _federate(world)
    answer = await _token(world, _foreign(world, **changes))
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])


async def test_a_secret_expires_and_may_come_as_basic(world):
    secret = await world.service_token()
    assert secret.status_code == 200
    _register(world, secret_expires=world.clock() + timedelta(days=1))
    world.clock.move(days=1)
    assert (await world.service_token()).json()["error_codes"] == [7000222]


async def test_basic_authentication_is_accepted(world, client_secret):
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    basic = (GRAPH_CLIENT_ID, client_secret)
    answer = await world.client("127.43.8.1").post(f"/{TENANT_ID}/oauth2/v2.0/token", data=form, auth=basic)
    assert answer.status_code == 200
    wrong = await world.client("127.43.8.1").post(f"/{TENANT_ID}/oauth2/v2.0/token", data=form, auth=(basic[0], "x"))
    assert wrong.json()["error_codes"] == [7000215]
