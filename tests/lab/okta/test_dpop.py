"""DPoP at the token endpoint and at the Management API."""

from __future__ import annotations

import secrets

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from lab.okta.knobs import Knobs
from lab.openid.dpop import access_token_hash

pytestmark = pytest.mark.anyio

READ = "okta.networkZones.read"
KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")


def _proof(world, method, path, *, key=KEY, header=None, **changes):
    claims = {
        "htm": method,
        "htu": world.url + path,
        "iat": int(world.clock().timestamp()),
        "jti": secrets.token_hex(8),
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    shown = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)} | (header or {})
    return jwt.encode(shown, claims, key)


async def _ask(world, app, proof, **changes):
    headers = {"DPoP": proof} if proof else {}
    fields = world.token_request(app, READ) | changes
    return await world.client("127.43.8.1", **headers).post("/oauth2/v1/token", data=fields)


async def _bound_token(world):
    app = world.add_service(READ, dpop_bound=True)
    first = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token"))
    nonce = first.headers["dpop-nonce"]
    answer = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token", nonce=nonce))
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "DPoP"
    return answer.json()["access_token"]


def _call(world, token, proof, scheme="DPoP"):
    headers = {"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof else {})
    return world.client("127.43.8.1", **headers).get("/api/v1/zones")


async def test_the_first_request_is_told_a_nonce_and_the_second_gets_a_bound_token(world):
    app = world.add_service(READ, dpop_bound=True)
    first = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token"))
    assert (first.status_code, first.json()) == (
        400,
        {
            "error": "use_dpop_nonce",
            "error_description": "Authorization server requires nonce in DPoP proof.",
        },
    )
    token = await _bound_token(world)
    proof = _proof(world, "GET", "/api/v1/zones", ath=access_token_hash(token))
    assert (await _call(world, token, proof)).status_code == 200


async def test_an_app_that_is_bound_gets_nothing_without_a_proof(world):
    answer = await _ask(world, world.add_service(READ, dpop_bound=True), None)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert answer.json()["error_description"] == "The DPoP proof JWT header is missing."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"htm": "GET"}, "'htm' claim", id="other-method"),
        pytest.param({"htu": "https://acme.okta.com/oauth2/v1/token"}, "'htu' claim", id="other-url"),
        pytest.param({"iat": None}, "'iat' claim", id="no-time"),
        pytest.param({"iat": 4_000_000_000}, "issued in the future", id="in-future"),
        pytest.param({"iat": 1}, "more than five minutes in the past", id="too-old"),
        pytest.param({"jti": None}, "'jti' claim", id="no-identifier"),
        pytest.param({"header": {"typ": "JWT"}}, "'typ' must be", id="other-type"),
        pytest.param({"header": {"jwk": OTHER_KEY.as_dict(private=False)}}, "signature is invalid", id="other-key"),
        pytest.param({"header": {"jwk": KEY.as_dict(private=True)}}, "cannot be parsed", id="private-key-shown"),
    ],
)
async def test_a_flawed_proof_is_refused(world, changes, text):
    app = world.add_service(READ, dpop_bound=True)
    answer = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token", **changes))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert text in answer.json()["error_description"]


async def test_a_stolen_token_is_no_good_without_its_key(world):
    token = await _bound_token(world)
    ath = access_token_hash(token)
    cases = {
        "as a bearer token, with a good proof": (
            _proof(world, "GET", "/api/v1/zones", ath=ath),
            "Bearer",
            "invalid_request",
        ),
        "without a proof": (None, "DPoP", "invalid_request"),
        "with another key": (
            _proof(world, "GET", "/api/v1/zones", key=OTHER_KEY, ath=ath),
            "DPoP",
            "invalid_dpop_proof",
        ),
        "without its hash": (_proof(world, "GET", "/api/v1/zones"), "DPoP", "invalid_dpop_proof"),
        "for another call": (_proof(world, "GET", "/api/v1/logs", ath=ath), "DPoP", "invalid_dpop_proof"),
    }
    for name, (proof, scheme, error) in cases.items():
        answer = await _call(world, token, proof, scheme)
        assert (answer.status_code, answer.json()["error"]) == (400, error), name


async def test_a_proof_is_good_once(world):
    token = await _bound_token(world)
    proof = _proof(world, "GET", "/api/v1/zones", ath=access_token_hash(token))
    assert (await _call(world, token, proof)).status_code == 200
    again = await _call(world, token, proof)
    assert (again.status_code, again.json()["error_description"]) == (
        400,
        "The DPoP proof JWT has already been used.",
    )


async def test_a_long_rsa_key_proves_as_well(world):
    """Okta's own SDK for Python makes keys of 3072 bits."""
    app, key = world.add_service(READ, dpop_bound=True), RSAKey.generate_key(3072)
    first = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token", key=key, header={"alg": "RS256"}))
    assert first.json()["error"] == "use_dpop_nonce"
    nonce = first.headers["dpop-nonce"]
    proof = _proof(world, "POST", "/oauth2/v1/token", key=key, header={"alg": "RS256"}, nonce=nonce)
    assert (await _ask(world, app, proof)).json()["token_type"] == "DPoP"


async def test_the_nonce_challenge_leaves_the_assertion_unused(world):
    app = world.add_service(READ, dpop_bound=True)
    assertion = world.assertion(app)
    first = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token"), client_assertion=assertion)
    proof = _proof(world, "POST", "/oauth2/v1/token", nonce=first.headers["dpop-nonce"])
    assert (await _ask(world, app, proof, client_assertion=assertion)).status_code == 200


class TestAStrictServer:
    @pytest.fixture
    def knobs(self):
        return Knobs(nonce_challenge_spends_assertion=True)

    async def test_the_nonce_challenge_uses_the_assertion_up(self, world):
        app = world.add_service(READ, dpop_bound=True)
        assertion = world.assertion(app)
        first = await _ask(world, app, _proof(world, "POST", "/oauth2/v1/token"), client_assertion=assertion)
        proof = _proof(world, "POST", "/oauth2/v1/token", nonce=first.headers["dpop-nonce"])
        assert (await _ask(world, app, proof, client_assertion=assertion)).status_code == 401
        assert (await _ask(world, app, proof)).status_code == 200
