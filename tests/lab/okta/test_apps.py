"""Apps: service apps that an administrator registers over the API, and the policy of an app."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.administrator import Access, Administrator
from lab.okta.acme import APP_LABEL, CLIENT_ID, OLD_ADDRESS, ZONE_NAME
from lab.okta.roles import Role

pytestmark = pytest.mark.anyio

READ = "okta.networkZones.read"


def _service(key, **client):
    return {
        "name": "oidc_client",
        "label": "zones",
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
        "settings": {
            "oauthClient": {
                "grant_types": ["client_credentials"],
                "application_type": "service",
                "dpop_bound_access_tokens": False,
                "jwks": {"keys": [key]},
                **client,
            }
        },
    }


async def test_an_administrator_registers_a_service_app_step_by_step(world, public_key):
    """Without a grant it gets no token, without a role its token opens nothing."""
    api = world.api()
    app = (await api.post("/api/v1/apps", json=_service(public_key))).json()
    assert app["settings"]["oauthClient"]["application_type"] == "service"
    assert app["credentials"]["oauthClient"]["client_id"] == app["id"]
    own = world.org.service_apps[app["id"]]
    ungranted = await world.client("127.43.8.1").post("/oauth2/v1/token", data=world.token_request(own, READ))
    assert ungranted.json()["error"] == "consent_required"
    grant = await api.post(f"/api/v1/apps/{app['id']}/grants", json={"scopeId": READ, "issuer": world.url})
    assert (grant.status_code, grant.json()["scopeId"]) == (200, READ)
    service = await world.service(own, READ)
    assert (await service.get("/api/v1/zones")).status_code == 403
    role = await api.post(f"/oauth2/v1/clients/{app['id']}/roles", json={"type": "READ_ONLY_ADMIN"})
    assert (role.status_code, role.json()["type"]) == (201, Role.READ_ONLY_ADMIN)
    assert (await service.get("/api/v1/zones")).status_code == 200
    listed = (await api.get(f"/api/v1/apps/{app['id']}/grants")).json()
    assert [each["scopeId"] for each in listed] == [READ]


async def test_a_service_app_is_bound_to_dpop_where_nobody_unticks_it(world, public_key):
    body = _service(public_key)
    del body["settings"]["oauthClient"]["dpop_bound_access_tokens"]
    app = (await world.api().post("/api/v1/apps", json=body)).json()
    assert app["settings"]["oauthClient"]["dpop_bound_access_tokens"] is True


async def test_an_app_s_network_is_shown_and_checked(world, public_key):
    network = {"connection": "ZONE", "include": [world.org.zones.named(ZONE_NAME).id]}
    app = (await world.api().post("/api/v1/apps", json=_service(public_key, network=network))).json()
    assert app["settings"]["oauthClient"]["network"] == network
    bad = _service(public_key, network={"connection": "ZONE"})
    assert (await world.api().post("/api/v1/apps", json=bad)).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"label": ""}, id="no-label"),
        pytest.param({"signOnMode": "SAML_2_0"}, id="saml"),
        pytest.param({"settings": {"oauthClient": {"application_type": "service"}}}, id="no-key"),
        pytest.param({"settings": {"oauthClient": {"application_type": "native"}}}, id="no-redirect"),
    ],
)
async def test_an_app_that_cannot_be_made_is_refused(world, public_key, change):
    answer = await world.api().post("/api/v1/apps", json=_service(public_key) | change)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")


async def test_an_app_shows_its_policy_and_gets_another(world):
    api = world.api()
    [app] = (await api.get("/api/v1/apps", params={"q": APP_LABEL})).json()
    old = world.org.apps[CLIENT_ID].policy_id
    assert app["_links"]["accessPolicy"]["href"].endswith(f"/policies/{old}")
    new = (await api.post("/api/v1/policies", json={"type": "ACCESS_POLICY", "name": "Open"})).json()
    answer = await api.put(f"/api/v1/apps/{CLIENT_ID}/policies/{new['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert world.org.apps[CLIENT_ID].policy_id == new["id"]
    assert (await api.delete(f"/api/v1/policies/{old}")).status_code == 204
    session = world.org.policies.of_type("OKTA_SIGN_ON")[0]
    assert (await api.put(f"/api/v1/apps/{CLIENT_ID}/policies/{session.id}")).status_code == 400


async def test_a_deleted_app_signs_nobody_in(world):
    assert (await world.api().delete(f"/api/v1/apps/{CLIENT_ID}")).status_code == 204
    assert (await world.browser(OLD_ADDRESS).authorize()).status_code == 400
    assert (await world.api().get(f"/api/v1/apps/{CLIENT_ID}")).status_code == 404


async def test_a_client_s_network_is_set_over_the_api(world):
    api = world.api()
    app = (await api.get(f"/api/v1/apps/{CLIENT_ID}")).json()
    zone = world.org.zones.named(ZONE_NAME).id
    app["settings"]["oauthClient"]["network"] = {"connection": "ZONE", "include": [zone]}
    changed = await api.put(f"/api/v1/apps/{CLIENT_ID}", json=app)
    assert (changed.status_code, changed.json()) == (200, app)
    inside = world.browser(OLD_ADDRESS)
    tokens = (await inside.redeem((await inside.sign_in(scope="openid offline_access"))["code"])).json()
    assert (await world.browser("127.43.8.7").refresh(tokens["refresh_token"])).status_code == 403
    assert (await inside.refresh(tokens["refresh_token"])).status_code == 200
    assert (await api.put(f"/api/v1/apps/{CLIENT_ID}", json={"label": ""})).status_code == 400


async def test_dpop_is_unticked_over_the_api(world):
    app = world.add_service(READ, dpop_bound=True)
    body = (await world.api().get(f"/api/v1/apps/{app.id}")).json()
    body["settings"]["oauthClient"]["dpop_bound_access_tokens"] = False
    assert (await world.api().put(f"/api/v1/apps/{app.id}", json=body)).status_code == 200
    assert (await (await world.service(app, READ)).get("/api/v1/zones")).status_code == 200


async def test_the_lab_s_administrator_registers_a_service_app(world, public_key):
    token = world.api().headers["authorization"].removeprefix("SSWS ")
    access = Access(
        okta_url=world.url,
        okta_token=token,
        entra_url="",
        entra_tenant="",
        entra_client_id="",
        entra_client_secret="",
        uem_url="",
        uem_operator="",
        gateway_admin_url="",
        gateway_admin_token="",
        decision_log=Path("unused"),
    )
    administrator = Administrator(access, world.client("127.43.8.1"))
    client_id = await administrator.register_service_app("zones", public_key, [READ])
    api = await world.service(world.org.service_apps[client_id], READ)
    assert (await api.get("/api/v1/zones")).status_code == 200
