"""Okta's errors, of its API and of its token endpoint, with what to do about the frequent ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from okta_zones.exchange import Problem
from okta_zones.okta.rate_limit import rate_limit_wait

_BY_CODE: Final = {
    "E0000011": "the API token is wrong, revoked, or expired after 30 days without use; make a new one",
    "E0000006": "its role or its scopes do not allow this; `okta-zones doctor` says what is missing",
    "E0000015": "the org does not have this feature, or the role may not use it",
    "invalid_scope": "grant the scopes to the app (Okta API Scopes); `okta-zones doctor` says which",
}
_BY_WORDS: Final = {
    "permitted network zones": "the app's network restriction does not hold the address that this program leaves from",
    "JWT kid is invalid": "key-id must be the id of a key that the app holds (Public Keys)",
    "client_assertion signature is invalid": "the private key is not the one that the app holds under this key-id",
    "claim for client_assertion is not a valid client_id": "client-id is not the id of an app of this org",
    "does not have a JWKSet": "let the app authenticate with a public key (private_key_jwt), and save its key there",
}


def read_problem(response: httpx.Response) -> Problem:
    """The error of a response: errorCode, errorSummary and errorCauses (Okta API docs, "Error codes"), or OAuth's."""
    wait = rate_limit_wait(response.headers, time.time()) if response.status_code == 429 else None
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return Problem(wait=wait)
    if not isinstance(body, dict):
        return Problem(wait=wait)
    return _oauth(body, wait) if "error" in body else _api(body, wait)


def _api(body: Mapping[str, Any], wait: float | None) -> Problem:
    causes = body.get("errorCauses")
    said = tuple(
        str(cause["errorSummary"])
        for cause in (causes if isinstance(causes, list) else ())
        if isinstance(cause, dict) and "errorSummary" in cause
    )
    code = _text(body.get("errorCode"))
    return Problem(code, _text(body.get("errorSummary")) or "", (*said, *_hint(code, "")), wait)


def _oauth(body: Mapping[str, Any], wait: float | None) -> Problem:
    code, words = _text(body.get("error")), _text(body.get("error_description")) or ""
    return Problem(code, words, _hint(code, words), wait)


def _hint(code: str | None, words: str) -> tuple[str, ...]:
    by_words = next((hint for part, hint in _BY_WORDS.items() if part in words), None)
    hint = by_words or _BY_CODE.get(code or "")
    return (hint,) if hint else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
