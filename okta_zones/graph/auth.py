"""How okta-zones shows Graph who it is: an app registration with a client secret.

Client credentials flow, `POST {login}/{tenant}/oauth2/v2.0/token` (Microsoft identity platform docs). The app
needs the application permissions Policy.Read.All and Policy.ReadWrite.ConditionalAccess.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import httpx

from dtr_rules.credentials import Secret
from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange, Problem

SERVICE: Final = "Entra"
_HINTS: Final = {
    "AADSTS7000215": "the client secret is wrong; paste its value, not its id",
    "AADSTS7000222": "the client secret has expired; make a new one",
    "AADSTS700016": "the tenant does not know this client id",
    "AADSTS90002": "there is no such tenant",
    "AADSTS53003": "a conditional access policy blocks this app from here",
}


class ClientCredentials:
    """An access token for Graph, fetched when it is first needed and kept for the run (it lives an hour)."""

    def __init__(self, login: Exchange, *, tenant: str, client_id: str, secret: Secret, scope: str) -> None:
        """`scope` is `GRAPH/.default`, with GRAPH as the cloud in question calls it."""
        self._login = login
        self._path = f"/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._token: Secret | None = None

    def __call__(self) -> str:
        """The value of the Authorization header. Raises FarEndError."""
        if self._token is None:
            self._token = self._fetch()
        return f"Bearer {self._token.reveal()}"

    def _fetch(self) -> Secret:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._secret.reveal(),
            "scope": self._scope,
        }
        answer = self._login.ask(self._path, form).json
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise StrangeAnswerError(SERVICE, "answered without an access token")
        return Secret(token)


def read_problem(response: httpx.Response) -> Problem:
    """Entra's error body: the AADSTS code and its description's first line, without the trace ids."""
    try:
        body = response.json()
    except ValueError:
        return Problem()
    if not isinstance(body, dict):
        return Problem()
    summary = str(body.get("error_description", "")).splitlines()[:1]
    codes = body.get("error_codes")
    code = f"AADSTS{codes[0]}" if isinstance(codes, list) and codes else str(body.get("error", "")) or None
    hint = _HINTS.get(code or "")
    words = summary[0].removeprefix(f"{code}: ") if summary else ""
    return Problem(code=code, summary=words, causes=(hint,) if hint else ())
