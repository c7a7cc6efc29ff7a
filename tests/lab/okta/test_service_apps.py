"""Service apps: how they get tokens, and what the Management API lets them do."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from lab.okta.acme import ZONE_NAME
from lab.okta.knobs import Knobs
from lab.okta.network_restriction import NetworkRestriction
from lab.okta.roles import Role
from lab.okta.service_apps import new_service_app

pytestmark = pytest.mark.anyio

READ, MANAGE = "okta.networkZones.read", "okta.networkZones.manage"
STRANGER = ECKey.generate_key("P-256", {"kid": "key-1"})


async def _token(world, fields, **headers):
    return await world.client("127.43.8.1", **headers).post("/oauth2/v1/token", data=fields)


async def test_an_app_gets_the_scopes_that_it_asks_for_and_was_granted(world):
    app = world.add_service(READ, MANAGE, "okta.logs.read")
    answer = await _token(world, world.token_request(app, f"{MANAGE} {READ} okta.users.read"))
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["token_type", "expires_in", "access_token", "scope"]
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, f"{MANAGE} {READ}")
    assert body["access_token"].startswith("eyJ")


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
async def test_every_documented_algorithm_signs_an_assertion(world, algorithm):
    curves = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
    key = ECKey.generate_key(curves[algorithm]) if algorithm in curves else RSAKey.generate_key(2048)
    app = new_service_app("zones", [key.as_dict(private=False)], [READ])
    world.org.service_apps[app.id] = app
    now = int(world.clock().timestamp())
    claims = {"iss": app.id, "sub": app.id, "aud": f"{world.url}/oauth2/v1/token", "exp": now + 3600}
    assertion = jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])
    answer = await _token(world, world.token_request(app, READ) | {"client_assertion": assertion})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"iss": "0oanobody"}, "issuer claim", id="unknown-issuer"),
        pytest.param({"sub": "0oanobody"}, "subject claim", id="other-subject"),
        pytest.param({"aud": "https://acme.okta.com"}, "audience claim", id="audience-is-the-org"),
        pytest.param({"exp": None}, "must contain the 'exp' claim", id="no-expiry"),
        pytest.param({"exp": 1}, "is expired", id="expired"),
        pytest.param({"exp": 4_000_000_000}, "too far into the future", id="expires-in-years"),
        pytest.param({"iat": 4_000_000_000}, "issued before the current time", id="issued-in-future"),
    ],
)
async def test_an_assertion_with_a_wrong_claim_is_refused(world, changes, text):
    app = world.add_service(READ)
    answer = await _token(world, world.token_request(app, READ, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert text in answer.json()["error_description"]


async def test_a_signature_of_another_key_is_refused(world):
    app = world.add_service(READ)
    forged = jwt.encode({"alg": "ES256", "kid": "key-1"}, {"iss": app.id, "sub": app.id}, STRANGER)
    answer = await _token(world, world.token_request(app, READ) | {"client_assertion": forged})
    assert answer.status_code == 401
    assert answer.json()["error_description"] == "The client_assertion signature is invalid."


async def test_an_assertion_is_good_once(world):
    app = world.add_service(READ)
    fields = world.token_request(app, READ)
    assert (await _token(world, fields)).status_code == 200
    again = await _token(world, fields)
    assert again.status_code == 401
    assert again.json()["error_description"] == "The client_assertion token has already been used."


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        pytest.param("", "invalid_scope", id="none"),
        pytest.param("openid", "invalid_scope", id="openid"),
        pytest.param("files.read", "invalid_scope", id="custom"),
        pytest.param("okta.users.read", "consent_required", id="not-granted"),
    ],
)
async def test_scopes_that_cannot_be_had(world, scope, error):
    answer = await _token(world, world.token_request(world.add_service(READ), scope))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_a_client_secret_is_no_way_in(world):
    fields = world.token_request(world.add_service(READ), READ) | {"client_secret": "secret"}
    answer = await _token(world, fields)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_reading_and_writing_need_their_scopes(world):
    api = await world.service(world.add_service(READ), READ)
    assert (await api.get("/api/v1/zones")).status_code == 200
    refused = await api.post("/api/v1/zones", json={})
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    assert refused.headers["www-authenticate"] == (
        f'Bearer authorization_uri="{world.url}/oauth2/v1/authorize", realm="{world.url}", scope="{MANAGE}",'
        ' error="insufficient_scope", error_description="The access token provided does not contain the required'
        ' scopes.", resource="/api/v1/zones"'
    )
    assert (await api.get("/api/v1/logs")).status_code == 403


async def test_the_role_counts_beside_the_scopes(world):
    app = world.add_service(READ, MANAGE, role=Role.READ_ONLY_ADMIN)
    api = await world.service(app, f"{READ} {MANAGE}")
    assert (await api.get("/api/v1/zones")).status_code == 200
    refused = await api.post("/api/v1/zones", json={})
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    assert "www-authenticate" not in refused.headers


async def test_a_token_lives_for_an_hour_and_dies_with_its_app(world):
    app = world.add_service(READ)
    api = await world.service(app, READ)
    world.clock.move(minutes=59)
    assert (await api.get("/api/v1/zones")).status_code == 200
    world.clock.move(minutes=1)
    expired = await api.get("/api/v1/zones")
    assert (expired.status_code, expired.json()["errorCode"]) == (401, "E0000011")
    fresh = await world.service(app, READ)
    del world.org.service_apps[app.id]
    assert (await fresh.get("/api/v1/zones")).status_code == 401


async def test_an_id_token_opens_nothing_at_the_api(world):
    browser = world.browser("127.42.0.99")
    tokens = (await browser.redeem((await browser.sign_in())["code"])).json()
    for token in (tokens["id_token"], tokens["access_token"]):
        answer = await world.client("127.43.8.1", Authorization=f"Bearer {token}").get("/api/v1/zones")
        assert answer.status_code == 401


async def test_a_write_is_logged_under_the_app_s_name(world):
    app = world.add_service(READ, MANAGE)
    api = await world.service(app, MANAGE)
    body = {"type": "IP", "name": "X", "gateways": [{"type": "CIDR", "value": "10.0.0.0/24"}]}
    assert (await api.post("/api/v1/zones", json=body)).status_code == 200
    [event] = world.org.log.of_type("zone.create")
    assert (event["actor"]["type"], event["actor"]["id"]) == ("PublicClientApp", app.id)


async def test_a_client_s_network_counts_at_the_token_endpoint_and_at_the_api(world):
    inside, outside = "127.42.0.99", "127.43.8.1"
    app = world.add_service(READ)
    token = (await world.service(app, READ)).headers["authorization"]
    zone = world.org.zones.named(ZONE_NAME).id
    closed = NetworkRestriction("ZONE", include=(zone,))
    world.org.service_apps[app.id] = new = world.add_service(READ, network=closed)
    refused = await world.client(outside).post("/oauth2/v1/token", data=world.token_request(new, READ))
    assert (refused.status_code, refused.json()) == (
        403,
        {
            "error": "access_denied",
            "error_description": "The request is made from outside the client's permitted network zones.",
        },
    )
    granted = await world.client(inside).post("/oauth2/v1/token", data=world.token_request(new, READ))
    assert granted.status_code == 200
    assert (await world.client(outside, Authorization=token).get("/api/v1/zones")).status_code == 403
    assert (await world.client(inside, Authorization=token).get("/api/v1/zones")).status_code == 200


class TestAnEmptyScopeError:
    @pytest.fixture
    def knobs(self):
        return Knobs(scope_error_has_body=False, manage_includes_read=True)

    async def test_only_the_header_says_what_is_missing(self, world):
        api = await world.service(world.add_service(READ), READ)
        refused = await api.post("/api/v1/zones", json={})
        assert (refused.status_code, refused.content) == (403, b"")
        assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]

    async def test_manage_can_be_told_to_include_read(self, world):
        api = await world.service(world.add_service(MANAGE), MANAGE)
        assert (await api.get("/api/v1/zones")).status_code == 200
