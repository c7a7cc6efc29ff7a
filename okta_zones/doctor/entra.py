"""An Entra target, examined with requests that only read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from okta_zones.config.entra_credential import AppCertificate, AppSecret, EntraCredential
from okta_zones.config.targets import EntraSettings
from okta_zones.doctor.ability import abilities, smallest_grant
from okta_zones.doctor.check import Check, Level, Topic, not_looked_at
from okta_zones.doctor.examination import Examination
from okta_zones.doctor.expiry import expiry_check
from okta_zones.errors import FarEndError, RefusedError, RejectedError
from okta_zones.far_ends import EntraTenant
from okta_zones.graph.app_secrets import newest_secret_ends
from okta_zones.graph.locations import LocationTarget
from okta_zones.graph.policies import uses_of_location
from okta_zones.graph.sign_ins import last_sign_in_from
from okta_zones.needs import ENTRA, POLICY_READ, SIGN_INS_READ, Verb
from okta_zones.unreadable import Unreadable, Why, or_unreadable

_NOWHERE: Final = "192.0.2.1"
_RENEW: Final = "put a new one into the app registration, then into the file"
_KNOWN: Final = frozenset(name for needs in ENTRA.values() for name in (*needs.required, *needs.useful))


def examine_entra(settings: EntraSettings, tenant: EntraTenant, *, now: Callable[[], float] = time.time) -> Examination:
    """Everything about the target that can be had by reading. `now`: epoch seconds."""
    target = LocationTarget(tenant.exchange, settings.location, settings.location_id)
    grant = smallest_grant(ENTRA, Verb)
    found = Examination(settings.name, "entra", target.title, _credential(settings.credential), grant=grant)
    examiner = _Examiner(settings, tenant, target, now)
    checks: list[Check] = []
    try:
        checks.extend(examiner.certificate())
        tenant.authorization.ready()
        found = replace(found, facts={"tenant": settings.tenant})
        checks.extend(examiner.checks())
    except (RefusedError, FarEndError) as failure:
        return replace(found, checks=tuple(checks), failure=failure)
    return replace(found, checks=tuple(checks), abilities=abilities(ENTRA, examiner.known))


def _credential(credential: EntraCredential) -> str:
    if isinstance(credential, AppSecret):
        return f"app {credential.client_id}, client secret"
    kind = "certificate" if isinstance(credential, AppCertificate) else "federated token"
    return f"app {credential.client_id}, {kind}"


class _Examiner:
    """Looks at one thing after the other, and remembers which permissions there are."""

    def __init__(
        self, settings: EntraSettings, tenant: EntraTenant, target: LocationTarget, now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._tenant = tenant
        self._target = target
        self._now = now
        self._granted: frozenset[str] | None = None
        self._may: dict[str, bool] = {}
        self._location_id = settings.location_id

    def known(self, permission: str) -> bool | None:
        """Whether the permission is in the token; where the token does not say, whether it was seen to be allowed."""
        if self._granted is not None:
            return permission in self._granted
        return self._may.get(permission)

    def certificate(self) -> Iterator[Check]:
        """When the certificate ends: known without asking anybody."""
        credential = self._settings.credential
        if isinstance(credential, AppCertificate):
            now = datetime.fromtimestamp(self._now(), UTC)
            yield expiry_check("the certificate", credential.certificate.not_valid_after_utc, now, _RENEW)

    def checks(self) -> Iterator[Check]:
        yield Check(Topic.ORGANIZATION, Level.OK, f"the token is of the tenant {self._settings.tenant}")
        yield from self._permissions()
        yield self._location()
        yield self._readable(Topic.POLICIES, POLICY_READ, "conditional access policies can be read", self._policies)
        yield self._readable(Topic.SIGN_INS, SIGN_INS_READ, "the sign-in log can be read", self._sign_ins)
        if isinstance(self._settings.credential, AppSecret):
            yield self._secret()

    def _permissions(self) -> Iterator[Check]:
        self._granted = self._tenant.authorization.granted
        if self._granted is None:
            yield Check(Topic.CREDENTIAL, Level.NOTE, "the token does not say which permissions it carries")
            return
        names = ", ".join(sorted(self._granted)) or "no permission at all"
        yield Check(Topic.CREDENTIAL, Level.OK, f"the token carries {names}")
        if surplus := sorted(self._granted - _KNOWN):
            fix = "take it away, unless another program uses this app registration"
            yield Check(Topic.SURPLUS, Level.NOTE, f"more than is ever used: {', '.join(surplus)}", fix)

    def _location(self) -> Check:
        try:
            found = or_unreadable("the location", POLICY_READ, self._target.find)
        except RefusedError as refused:
            return Check(Topic.TARGET, Level.PROBLEM, f"{refused.reason}: {refused}")
        if isinstance(found, Unreadable):
            self._may[POLICY_READ] = False
            return Check(Topic.TARGET, Level.PROBLEM, found.detail, f"grant {POLICY_READ}, with admin consent")
        self._may[POLICY_READ] = True
        if found is None:
            return Check(Topic.TARGET, Level.NOTE, "there is no location of this name yet; apply would create it")
        self._location_id = found.id
        if self._settings.location_id is None:
            fix = f"write location-id: {found.id}; display names are not unique"
            return Check(Topic.TARGET, Level.NOTE, f"the location is {found.id}, found by its display name", fix)
        return Check(Topic.TARGET, Level.OK, f"the location is {found.id}, with {len(found.entries)} ranges")

    def _policies(self) -> object | Unreadable:
        return uses_of_location(self._tenant.exchange, self._location_id or "", trusted=False)

    def _sign_ins(self) -> object | Unreadable:
        since = datetime.fromtimestamp(self._tenant.exchange.far_time(), UTC) - timedelta(minutes=1)
        return last_sign_in_from(self._tenant.exchange, _NOWHERE, since)

    def _readable(self, topic: Topic, permission: str, fine: str, look: Callable[[], object | Unreadable]) -> Check:
        try:
            found = look()
        except RejectedError as rejected:
            return Check(topic, Level.PROBLEM, str(rejected))
        if not isinstance(found, Unreadable):
            self._may[permission] = True
            return Check(topic, Level.OK, fine)
        if found.why is Why.NOT_PERMITTED:
            self._may[permission] = False
        return not_looked_at(topic, found)

    def _secret(self) -> Check:
        """When the newest of the app's secrets ends; which of them is in use, nobody can tell."""
        ends = newest_secret_ends(self._tenant.exchange, self._settings.credential.client_id)
        if isinstance(ends, Unreadable):
            return not_looked_at(Topic.EXPIRY, ends)
        if ends is None:
            return Check(Topic.EXPIRY, Level.NOTE, "the app registration lists no client secret that ends")
        now = datetime.fromtimestamp(self._tenant.exchange.far_time(), UTC)
        return expiry_check("the newest client secret", ends, now, _RENEW)
