"""The orgs and tenants of one run, opened from the file's targets.

Two targets of one org or tenant share what is known of its rate limit. Nothing is sent by opening: an org is asked
who it is, and a token is fetched, when the first request goes out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from okta_zones.config.entra_credential import AppCertificate, AppSecret, EntraCredential
from okta_zones.config.okta_credential import ApiToken
from okta_zones.config.requests import RequestSettings
from okta_zones.config.targets import EntraSettings, OktaSettings
from okta_zones.exchange import Exchange
from okta_zones.exchange.throttle import Hold, Spacing
from okta_zones.graph import auth as graph_auth
from okta_zones.graph import transport as graph_transport
from okta_zones.graph.client_credential import CertificateAssertion, ClientCredential, ClientSecret, FederatedToken
from okta_zones.needs import OKTA, Verb
from okta_zones.okta import transport as okta_transport
from okta_zones.okta.auth import ApiTokenAuthorization
from okta_zones.okta.organization import OrgPin
from okta_zones.okta.rate_limit import RateLimits
from okta_zones.okta.service_app import ServiceAppAuthorization


@dataclass(frozen=True, slots=True)
class OktaOrg:
    """An org, ready to be asked. Every request of `exchange` first makes sure that it is the pinned one."""

    exchange: Exchange
    pin: OrgPin
    authorization: ApiTokenAuthorization | ServiceAppAuthorization
    rate_limits: RateLimits


@dataclass(frozen=True, slots=True)
class EntraTenant:
    """A tenant, ready to be asked. Every request of `exchange` goes out with a token of the pinned one."""

    exchange: Exchange
    authorization: graph_auth.ClientCredentials


class FarEnds:
    """Opens orgs and tenants for a verb; closes all connections at the end."""

    def __init__(
        self,
        verb: Verb,
        requests: RequestSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        hold: Hold | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`hold` waits in place of the usual way. `clock`: epoch seconds."""
        self._verb = verb
        self._requests = requests
        self._transport = transport
        self._hold = hold
        self._clock = clock
        self._stack = ExitStack()
        self._rate_limits: dict[str, RateLimits] = {}
        self._spacings: dict[str, Spacing] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def okta(self, settings: OktaSettings) -> OktaOrg:
        """The org of a target. Raises CredentialError for authorities that cannot be loaded."""
        rate_limits = self._rate_limits.setdefault(settings.org_url, RateLimits())
        everybody = self._okta_exchange(settings, None, rate_limits)
        pin = OrgPin(everybody, settings.org_id)
        authorization = self._okta_authorization(settings, everybody, pin)
        return OktaOrg(self._okta_exchange(settings, authorization, rate_limits), pin, authorization, rate_limits)

    def entra(self, settings: EntraSettings) -> EntraTenant:
        """The tenant of a target. Raises CredentialError for authorities that cannot be loaded."""
        login = self._stack.enter_context(
            Exchange(
                settings.login_url,
                service=graph_auth.SERVICE,
                read_problem=graph_auth.read_problem,
                limits=self._requests.limits,
                transport=self._transport,
                clock=self._clock,
            )
        )
        authorization = graph_auth.ClientCredentials(
            login,
            tenant=settings.tenant,
            client_id=settings.credential.client_id,
            credential=_client_credential(settings.credential),
            scope=settings.graph_scope,
        )
        graph = graph_transport.connect(
            settings.graph_url,
            authorization,
            throttle=self._spacings.setdefault(settings.tenant, Spacing(self._requests.graph_interval)),
            limits=self._requests.limits,
            transport=self._transport,
            hold=self._hold,
        )
        return EntraTenant(self._stack.enter_context(graph), authorization)

    def _okta_exchange(
        self,
        settings: OktaSettings,
        authorization: ApiTokenAuthorization | ServiceAppAuthorization | None,
        rate_limits: RateLimits,
    ) -> Exchange:
        exchange = okta_transport.connect(
            settings.org_url,
            authorization,
            throttle=rate_limits,
            limits=self._requests.limits,
            transport=self._transport,
            hold=self._hold,
            clock=self._clock,
        )
        return self._stack.enter_context(exchange)

    def _okta_authorization(
        self, settings: OktaSettings, everybody: Exchange, pin: OrgPin
    ) -> ApiTokenAuthorization | ServiceAppAuthorization:
        credential = settings.credential
        if isinstance(credential, ApiToken):
            return ApiTokenAuthorization(credential.token, pin)
        return ServiceAppAuthorization(
            everybody, pin, client_id=credential.client_id, key=credential.key, needs=OKTA[self._verb]
        )


def _client_credential(credential: EntraCredential) -> ClientCredential:
    if isinstance(credential, AppSecret):
        return ClientSecret(credential.secret)
    if isinstance(credential, AppCertificate):
        return CertificateAssertion(credential.key, credential.certificate)
    return FederatedToken(credential.token_file)
