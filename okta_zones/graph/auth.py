"""How okta-zones shows Graph who it is: an access token of an app registration, for the pinned tenant only.

Client credentials flow, `POST {login}/{tenant}/oauth2/v2.0/token` (Microsoft identity platform docs). The app
needs the application permissions Policy.Read.All and Policy.ReadWrite.ConditionalAccess; `.default` stands for all
that were granted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import httpx

from dtr_rules.credentials import CredentialError
from okta_zones.access_token import AccessToken, access_token
from okta_zones.errors import Refusal, RefusedError, RejectedError, StrangeAnswerError, UnreachableError
from okta_zones.exchange import Exchange, Form, Problem
from okta_zones.graph.client_credential import ClientCredential

SERVICE: Final = "Entra"
_HINTS: Final = {
    "AADSTS7000215": "the client secret is wrong; paste its value, not its id",
    "AADSTS7000222": "the client secret has expired; make a new one",
    "AADSTS700016": "the tenant does not know this client id",
    "AADSTS700027": "the certificate is not one that the app registration holds, or it has expired",
    "AADSTS70021": "no federated credential of the app matches the token's issuer, subject and audience",
    "AADSTS700211": "no federated credential of the app matches the token's issuer",
    "AADSTS700213": "no federated credential of the app matches the token's subject",
    "AADSTS90002": "there is no such tenant",
    "AADSTS53003": "a conditional access policy blocks this app from here",
}
_WRONG_TIME: Final = "AADSTS700024"  # the assertion is not within its valid time range


class ClientCredentials:
    """An access token for Graph, fetched when it is needed and replaced before it ends."""

    def __init__(
        self,
        login: Exchange,
        *,
        tenant: str,
        client_id: str,
        credential: ClientCredential,
        scope: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tenant` is the tenant's id; `scope` is `GRAPH/.default`, with GRAPH as the cloud in question calls it."""
        self._login = login
        self._tenant = tenant
        self._path = f"/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._client_id = client_id
        self._credential = credential
        self._scope = scope
        self._monotonic = monotonic
        self._token: AccessToken | None = None

    @property
    def granted(self) -> frozenset[str] | None:
        """The application permissions of the token in use; None where it does not say."""
        roles = self._token.claims.get("roles") if self._token is not None else None
        return frozenset(map(str, roles)) if isinstance(roles, list) else None

    def ready(self) -> None:
        if self._token is None or self._monotonic() >= self._token.replace_at:
            self._token = self._fetch()

    def headers(self, method: str, url: httpx.URL) -> Mapping[str, str]:  # noqa: ARG002
        assert self._token is not None, "ready() comes first"
        return {"Authorization": f"Bearer {self._token.secret.reveal()}"}

    def renewed_after(self, rejected: RejectedError) -> bool:
        if rejected.status != 401:
            return False
        self._token = None
        return True

    def _fetch(self) -> AccessToken:
        try:
            answer = self._login.ask(self._path, self._form)
        except RejectedError as rejected:
            if rejected.code != _WRONG_TIME:
                raise
            answer = self._login.ask(self._path, self._form)  # by the clock of the refusal's own Date
        token = access_token(answer.json, self._monotonic())
        if token is None:
            raise StrangeAnswerError(SERVICE, "answered without an access token")
        self._check_tenant(token.claims)
        return token

    def _check_tenant(self, claims: Mapping[str, object]) -> None:
        """Refuse a token of another tenant. An opaque one is of the tenant in the path that issued it."""
        found = claims.get("tid")
        if found is not None and str(found).lower() != self._tenant.lower():
            message = f"the token of {self._login.origin} is for tenant {found}, the file pins {self._tenant} (tenant)"
            raise RefusedError(Refusal.OTHER_TENANT, message)

    def _form(self) -> Form:
        url = self._login.url(self._path)
        try:
            shown = self._credential.fields(self._client_id, url, self._login.far_time())
        except CredentialError as error:  # the file was good when the program started
            raise UnreachableError(SERVICE, str(error), passing=False) from None
        fields = {"grant_type": "client_credentials", "client_id": self._client_id, "scope": self._scope}
        return Form({**fields, **shown})


def read_problem(response: httpx.Response) -> Problem:
    """Entra's error body: the AADSTS code and its description's first line, without the trace ids."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return Problem()
    if not isinstance(body, dict):
        return Problem()
    summary = str(body.get("error_description", "")).splitlines()[:1]
    codes = body.get("error_codes")
    code = f"AADSTS{codes[0]}" if isinstance(codes, list) and codes else str(body.get("error", "")) or None
    hint = _HINTS.get(code or "")
    words = summary[0].removeprefix(f"{code}: ") if summary else ""
    return Problem(code=code, summary=words, causes=(hint,) if hint else ())
