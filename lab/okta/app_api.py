"""/api/v1/apps: OpenID Connect apps, their policies, and the scopes that service apps are granted.

An app that people use (`native`) gets the app sign-in policy that was made first, as the service gives a default one.
A service app is made without scopes and without a role: an administrator grants both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.application import App
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.caller import caller_of
from lab.okta.errors import not_found, validation_failed
from lab.okta.identifiers import new_id, whole_seconds
from lab.okta.json_body import json_object
from lab.okta.network_restriction import NetworkRestriction, read_network
from lab.okta.org import Org, PeoplesApp
from lab.okta.paging import limit_of, link_pages, page_of
from lab.okta.policy.policy import ACCESS_POLICY
from lab.okta.policy_api import policy_party
from lab.okta.roles import Role
from lab.okta.service_apps import ServiceApp, new_service_app

READ, MANAGE = "okta.apps.read", "okta.apps.manage"
DEFAULT_PAGE, LARGEST_PAGE = 20, 200


class AppApi:
    """The apps of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/apps", self.list_apps, READ),
            api_route("POST", "/apps", self.create, MANAGE),
            api_route("GET", "/apps/{app}", self.get, READ),
            api_route("PUT", "/apps/{app}", self.replace, MANAGE),
            api_route("DELETE", "/apps/{app}", self.delete, MANAGE),
            api_route("PUT", "/apps/{app}/policies/{policy}", self.assign_policy, MANAGE),
            api_route("GET", "/apps/{app}/grants", self.list_grants, "okta.appGrants.read"),
            api_route("POST", "/apps/{app}/grants", self.grant, "okta.appGrants.manage"),
        ]

    async def list_apps(self, request: Request) -> Response:
        limit = limit_of(request, DEFAULT_PAGE, LARGEST_PAGE)
        wanted = request.query_params.get("q", "").lower()
        apps = [app for app in self._all() if app.label.lower().startswith(wanted)]
        shown, following = page_of(apps, request, limit)
        response = JSONResponse([app.to_json(org_url(request)) for app in shown])
        link_pages(response, request, following, limit)
        return response

    async def create(self, request: Request) -> Response:
        body = await json_object(request)
        label = body.get("label")
        if not isinstance(label, str) or not label:
            raise validation_failed("label", "The field cannot be left blank")
        if body.get("name") != "oidc_client" or body.get("signOnMode") != "OPENID_CONNECT":
            raise validation_failed("signOnMode", "The lab makes apps with OPENID_CONNECT only")
        client = (body.get("settings") or {}).get("oauthClient") or {}
        app = (
            self._new_service(label, client)
            if client.get("application_type") == "service"
            else self._new(label, client)
        )
        log_call(self._org, request, "application.lifecycle.create", app.as_party())
        return JSONResponse(app.to_json(org_url(request)))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._app(request).to_json(org_url(request)))

    async def replace(self, request: Request) -> Response:
        """Label and network of an app with OpenID Connect; of a service app whether it is bound to DPoP, too."""
        app, body = self._app(request), await json_object(request)
        client = (body.get("settings") or {}).get("oauthClient") or {}
        label, network = body.get("label"), self._network(client)
        if not isinstance(label, str) or not label:
            raise validation_failed("label", "The field cannot be left blank")
        after: App | ServiceApp
        if isinstance(app, App):
            after = self._org.apps[app.id] = replace(app, label=label, network=network)
        elif isinstance(app, ServiceApp):
            bound = bool(client.get("dpop_bound_access_tokens", app.dpop_bound))
            after = self._org.service_apps[app.id] = replace(app, label=label, network=network, dpop_bound=bound)
        else:
            raise validation_failed("signOnMode", "The lab changes apps with OPENID_CONNECT only")
        log_call(self._org, request, "application.lifecycle.update", after.as_party())
        return JSONResponse(after.to_json(org_url(request)))

    async def delete(self, request: Request) -> Response:
        app = self._app(request)
        self._org.apps.pop(app.id, None)
        self._org.office365.pop(app.id, None)
        self._org.service_apps.pop(app.id, None)
        log_call(self._org, request, "application.lifecycle.delete", app.as_party())
        return Response(status_code=204)

    async def assign_policy(self, request: Request) -> Response:
        app = self._app(request)
        policy = self._org.policies.get(request.path_params["policy"])
        if isinstance(app, ServiceApp) or policy.type != ACCESS_POLICY:
            raise validation_failed("policyId", "The policy cannot be used for this app")
        if isinstance(app, App):
            self._org.apps[app.id] = replace(app, policy_id=policy.id)
        else:
            self._org.office365[app.id] = replace(app, policy_id=policy.id)
        log_call(self._org, request, "application.policy.sign_on.update", app.as_party(), policy_party(policy))
        return Response(status_code=204)

    async def list_grants(self, request: Request) -> Response:
        app = self._service_app(request)
        return JSONResponse([self._grant(request, app, scope) for scope in sorted(app.scopes)])

    async def grant(self, request: Request) -> Response:
        app, body = self._service_app(request), await json_object(request)
        scope = body.get("scopeId")
        if not isinstance(scope, str) or not scope.startswith("okta."):
            raise validation_failed("scopeId", "The field must name a scope of Okta")
        if body.get("issuer") != org_url(request):
            raise validation_failed("issuer", "The field must be the org's URL")
        self._org.service_apps[app.id] = replace(app, scopes=app.scopes | {scope})
        log_call(self._org, request, "app.oauth2.as.consent.grant", app.as_party())
        return JSONResponse(self._grant(request, app, scope))

    def _grant(self, request: Request, app: ServiceApp, scope: str) -> dict[str, Any]:
        origin, moment = org_url(request), whole_seconds(app.created)
        return {
            "id": f"oag{app.id[3:]}",
            "status": "ACTIVE",
            "created": moment,
            "createdBy": {"id": caller_of(request).party.id, "type": "User"},
            "lastUpdated": moment,
            "issuer": origin,
            "clientId": app.id,
            "scopeId": scope,
            "source": "ADMIN",
            "_links": {"app": {"href": f"{origin}/api/v1/apps/{app.id}", "title": app.label}},
        }

    def _new(self, label: str, client: Mapping[str, Any]) -> App:
        redirect_uris = client.get("redirect_uris") or []
        if not isinstance(redirect_uris, list) or not redirect_uris:
            raise validation_failed("redirect_uris", "The field cannot be left blank")
        [policy, *_] = self._org.policies.of_type(ACCESS_POLICY)
        network, now = self._network(client), self._org.clock()
        app = App(new_id("0oa"), label, frozenset(redirect_uris), policy.id, network=network, created=now)
        self._org.apps[app.id] = app
        return app

    def _new_service(self, label: str, client: Mapping[str, Any]) -> ServiceApp:
        keys = (client.get("jwks") or {}).get("keys") or []
        if not isinstance(keys, list) or not all(isinstance(key, dict) and "kty" in key for key in keys) or not keys:
            raise validation_failed("jwks", "A service app needs the public keys that it signs with")
        app = new_service_app(
            label,
            keys,
            (),
            role=Role.NONE,
            dpop_bound=bool(client.get("dpop_bound_access_tokens", True)),
            network=self._network(client),
            created=self._org.clock(),
        )
        self._org.service_apps[app.id] = app
        return app

    def _network(self, client: Mapping[str, Any]) -> NetworkRestriction:
        zone_ids = [zone.id for zone in self._org.zones.all()]
        return read_network(client["network"], zone_ids) if client.get("network") else NetworkRestriction()

    def _all(self) -> list[PeoplesApp | ServiceApp]:
        return [*self._org.peoples_apps(), *self._org.service_apps.values()]

    def _app(self, request: Request) -> PeoplesApp | ServiceApp:
        app_id = request.path_params["app"]
        for app in self._all():
            if app.id == app_id:
                return app
        raise not_found(app_id, "AppInstance")

    def _service_app(self, request: Request) -> ServiceApp:
        app = self._app(request)
        if not isinstance(app, ServiceApp):
            raise validation_failed("appId", "The app is not a service app")
        return app
