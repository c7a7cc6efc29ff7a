"""An Okta target, examined with requests that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from okta_zones.config.okta_credential import ApiToken
from okta_zones.config.targets import OktaSettings
from okta_zones.doctor.ability import abilities, smallest_grant
from okta_zones.doctor.check import Check, Level, Topic, not_looked_at
from okta_zones.doctor.clock import clock_check
from okta_zones.doctor.examination import Examination
from okta_zones.doctor.rate_limits import rate_limit_checks
from okta_zones.errors import FarEndError, RefusedError, RejectedError
from okta_zones.far_ends import OktaOrg
from okta_zones.far_time import moment
from okta_zones.needs import (
    API_TOKENS_READ,
    LOGS_READ,
    OKTA,
    POLICIES_READ,
    THREAT_INSIGHT_READ,
    ZONES_MANAGE,
    ZONES_READ,
    Verb,
)
from okta_zones.okta.admin_role import may_write_zones
from okta_zones.okta.app_grants import granted_scopes
from okta_zones.okta.network_restriction import API_TOKENS, EVERY_ZONE, network_restriction
from okta_zones.okta.organization import Engine, Organization
from okta_zones.okta.policies import PATH as POLICIES
from okta_zones.okta.service_app import ServiceAppAuthorization
from okta_zones.okta.simulate import Simulation
from okta_zones.okta.system_log import last_sign_in_from
from okta_zones.okta.threat_insight import threat_insight_naming_zone
from okta_zones.okta.zones import ZoneTarget
from okta_zones.unreadable import Unreadable, Why, or_unreadable

ROLES: Final = ("administrator role: organization administrator (a super administrator's is more than is needed)",)
_NOWHERE: Final = "192.0.2.1"
_NOBODY: Final = "00u00000000000000000"
_NO_APP: Final = "0oa00000000000000000"
_ENGINES: Final = {
    Engine.IDENTITY_ENGINE: "on the Identity Engine",
    Engine.CLASSIC: "on the Classic Engine: it has no app sign-in policies and no simulate",
    Engine.UNKNOWN: "on an engine that it does not name",
}


def examine_okta(settings: OktaSettings, org: OktaOrg, *, ask_to_write: bool) -> Examination:
    """Everything about the target that can be had by reading.

    `ask_to_write`: also ask for a token that may write, and throw it away.
    """
    target = ZoneTarget(org.exchange, settings.zone, settings.zone_id)
    grant = (*_scopes_to_grant(settings), *ROLES)
    found = Examination(settings.name, "okta", target.title, _credential(settings), grant=grant)
    examiner = _Examiner(settings, org, target, ask_to_write)
    checks: list[Check] = []
    try:
        organization = org.pin.organization()
        found = replace(found, facts={"org_id": organization.id, "engine": organization.engine.value})
        checks.append(Check(Topic.ORGANIZATION, Level.OK, _engine(organization)))
        org.authorization.ready()
        checks.extend(examiner.checks())
    except (RefusedError, FarEndError) as failure:
        return replace(found, checks=tuple(checks), failure=failure)
    return replace(found, checks=tuple(checks), abilities=abilities(OKTA, examiner.known))


def _engine(organization: Organization) -> str:
    return f"the org is {organization.id}, {_ENGINES[organization.engine]}"


def _credential(settings: OktaSettings) -> str:
    if isinstance(settings.credential, ApiToken):
        return "API token"
    return f"service app {settings.credential.client_id}, {settings.credential.key.algorithm}"


def _scopes_to_grant(settings: OktaSettings) -> tuple[str, ...]:
    return () if isinstance(settings.credential, ApiToken) else smallest_grant(OKTA, Verb)


def _proof_check(bound: bool) -> Check:
    if bound:
        return Check(Topic.PROOF_OF_POSSESSION, Level.OK, "tokens are bound to a key (DPoP)")
    fix = "let the app require DPoP: a stolen token is then worth nothing"
    return Check(Topic.PROOF_OF_POSSESSION, Level.NOTE, "tokens are not bound to a key (no DPoP)", fix)


class _Examiner:
    """Looks at one thing after the other, and remembers which readings were allowed."""

    def __init__(
        self,
        settings: OktaSettings,
        org: OktaOrg,
        target: ZoneTarget,
        ask_to_write: bool,
    ) -> None:
        self._settings = settings
        self._org = org
        self._target = target
        self._ask_to_write = ask_to_write
        self._may: dict[str, bool | None] = {}
        self._zone_id: str | None = settings.zone_id

    def known(self, scope: str) -> bool | None:
        """Whether the scope, or what it stands for, was seen to be allowed."""
        return self._may.get(scope)

    def checks(self) -> Iterator[Check]:
        yield from self._granted()
        yield self._zone()
        yield from self._writes()
        yield self._restriction()
        yield self._readable(Topic.POLICIES, POLICIES_READ, "policies can be read", self._read_policies)
        yield self._readable(Topic.SIMULATE, None, "simulate can be asked", self._simulate)
        yield self._readable(Topic.SIGN_INS, LOGS_READ, "the System Log can be read", self._read_log)
        self._readable(Topic.POLICIES, THREAT_INSIGHT_READ, "", self._read_threat_insight)
        self._readable(Topic.POLICIES, API_TOKENS_READ, "", self._read_api_tokens)
        yield from self._token_expiry()
        yield clock_check(self._org.exchange.clock_offset, "Okta")
        yield from rate_limit_checks(self._org.rate_limits)

    def _granted(self) -> Iterator[Check]:
        authorization = self._org.authorization
        if not isinstance(authorization, ServiceAppAuthorization):
            yield Check(Topic.CREDENTIAL, Level.OK, "the API token goes to this org only")
            return
        asked = (*OKTA[Verb.DOCTOR].required, *OKTA[Verb.DOCTOR].useful)
        self._may |= {scope: scope in authorization.granted for scope in asked}
        scopes = ", ".join(scope for scope in asked if self._may[scope])
        yield Check(Topic.CREDENTIAL, Level.OK, f"the app gets tokens with {scopes}")
        yield _proof_check(authorization.bound)

    def _zone(self) -> Check:
        try:
            found = or_unreadable("the zone", ZONES_READ, self._target.find)
        except RefusedError as refused:
            self._may[ZONES_READ] = True
            return Check(Topic.TARGET, Level.PROBLEM, f"{refused.reason}: {refused}")
        if isinstance(found, Unreadable):
            self._may[ZONES_READ] = False
            fix = "the credential needs an administrator role that may read zones"
            return Check(Topic.TARGET, Level.PROBLEM, found.detail, fix)
        self._may[ZONES_READ] = True
        if found is None:
            return Check(Topic.TARGET, Level.NOTE, "there is no zone of this name yet; apply would create it")
        self._zone_id = found.id
        if self._settings.zone_id is None:
            fix = f"write zone-id: {found.id}; one request a cycle instead of a list"
            return Check(Topic.TARGET, Level.NOTE, f"the zone is {found.id}, found by its name", fix)
        return Check(Topic.TARGET, Level.OK, f"the zone is {found.id}, with {len(found.entries)} entries")

    def _writes(self) -> Iterator[Check]:
        authorization = self._org.authorization
        if isinstance(authorization, ServiceAppAuthorization):
            self._may[ZONES_MANAGE] = self._app_may_write(authorization)
            unknown = "whether the app may write zones: not checked"
            fix = "doctor --ask-to-write asks for a token that may write, and throws it away"
        else:
            self._may[ZONES_MANAGE] = may_write_zones(self._org.exchange)
            unknown = "whether the token's owner may write zones: not checked, its roles could not be read"
            fix = None
        if self._may[ZONES_MANAGE] is None:
            yield Check(Topic.CREDENTIAL, Level.NOTE, unknown, fix)

    def _app_may_write(self, authorization: ServiceAppAuthorization) -> bool | None:
        if self._ask_to_write:
            return authorization.allowed(ZONES_MANAGE)
        grants = granted_scopes(self._org.exchange, authorization.client_id)
        return None if isinstance(grants, Unreadable) else ZONES_MANAGE in grants

    def _restriction(self) -> Check:
        found = network_restriction(self._org.exchange, self._settings.credential)
        if isinstance(found, Unreadable):
            return not_looked_at(Topic.NETWORK_RESTRICTION, found)
        if self._zone_id is not None and found.depends_on(self._zone_id):
            others = set(found.include) - {self._zone_id, *EVERY_ZONE}
            return Check(
                Topic.NETWORK_RESTRICTION,
                Level.NOTE if others else Level.PROBLEM,
                "where the credential works depends on the zone that it rewrites: a wrong write locks it out",
                "bind it to a zone of its own, or to none",
            )
        words = "from anywhere" if found.anywhere else "from some zones only, this one not among them"
        return Check(Topic.NETWORK_RESTRICTION, Level.OK, f"the credential may be used {words}")

    def _readable(self, topic: Topic, scope: str | None, fine: str, look: Callable[[], object | Unreadable]) -> Check:
        try:
            found = look()
        except RejectedError as rejected:
            return Check(topic, Level.PROBLEM, str(rejected))
        if not isinstance(found, Unreadable):
            if scope is not None:
                self._may[scope] = True
            return Check(topic, Level.OK, fine)
        if scope is not None:
            self._may[scope] = False if found.why is Why.NOT_PERMITTED else self._may.get(scope)
        return not_looked_at(topic, found)

    def _read_policies(self) -> object | Unreadable:
        path = f"{POLICIES}?type=OKTA_SIGN_ON&limit=1"
        return or_unreadable("policies", POLICIES_READ, lambda: self._org.exchange.read(path))

    def _simulate(self) -> object | Unreadable:
        simulation = Simulation(self._org.exchange, app_id=_NO_APP, user_id=_NOBODY)
        try:
            return simulation.ask(_NOWHERE)
        except RejectedError as rejected:
            if rejected.status in (400, 404):
                return None  # it is there: it knows neither the person nor the app
            raise

    def _read_log(self) -> object | Unreadable:
        since = datetime.fromtimestamp(self._org.exchange.far_time(), UTC) - timedelta(minutes=1)
        return last_sign_in_from(self._org.exchange, _NOWHERE, since)

    def _read_threat_insight(self) -> object | Unreadable:
        return threat_insight_naming_zone(self._org.exchange, self._zone_id or "")

    def _read_api_tokens(self) -> object | Unreadable:
        path = f"{API_TOKENS}?limit=1"
        return or_unreadable("API tokens", API_TOKENS_READ, lambda: self._org.exchange.read(path))

    def _token_expiry(self) -> Iterator[Check]:
        credential = self._settings.credential
        if not isinstance(credential, ApiToken) or credential.id is None or not self._may.get(API_TOKENS_READ):
            return
        token = self._org.exchange.read(f"{API_TOKENS}/{quote(credential.id, safe='')}").json
        ends = moment(token.get("expiresAt")) if isinstance(token, dict) else None
        if ends is not None:
            words = f"the API token ends on {ends:%Y-%m-%d} unless it is used before; every use gives it 30 days"
            yield Check(Topic.EXPIRY, Level.OK, words)
