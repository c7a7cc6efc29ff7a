"""How okta-zones shows Okta who it is: an OAuth service app that signs with its private key.

`POST /oauth2/v1/token`, client credentials with `private_key_jwt`, the only way to Okta's own scopes (Okta developer
docs, "Implement OAuth for Okta with a service app"). An org that wants DPoP says so when it is asked; so does one that
wants another nonce, or another time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import httpx

from okta_zones.access_token import AccessToken, access_token
from okta_zones.client_assertion import signed_assertion
from okta_zones.errors import NotGrantedError, RejectedError, StrangeAnswerError
from okta_zones.exchange import Exchange, Form
from okta_zones.needs import Needs
from okta_zones.okta.dpop import make_proof
from okta_zones.okta.organization import OrgPin
from okta_zones.okta.transport import SERVICE
from okta_zones.signing_key import SigningKey, new_key

PATH: Final = "/oauth2/v1/token"
_WRONG_TIME: Final = ("expired", "issued before the current time", "too far into the future", "issued in the future")
_NOT_GRANTED: Final = frozenset({"invalid_scope", "consent_required"})
_NO_FEATURE: Final = "E0000015"  # a 401 that is about the org, not about the token
_LATE_PROOF: Final = "more than five minutes in the past"


class ServiceAppAuthorization:
    """An access token of a service app, fetched when it is needed and replaced before it ends."""

    def __init__(
        self,
        login: Exchange,
        pin: OrgPin,
        *,
        client_id: str,
        key: SigningKey,
        needs: Needs,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`login`: an exchange with the org, without an authorization."""
        self._login = login
        self._pin = pin
        self.client_id: Final = client_id
        self._key = key
        self._needs = needs
        self._monotonic = monotonic
        self._token: AccessToken | None = None
        self._proof_key: SigningKey | None = None
        self._nonce: str | None = None
        self._api_nonce: str | None = None
        self._useful: tuple[str, ...] | None = None

    @property
    def bound(self) -> bool:
        """Whether the org wants proofs of possession (DPoP); known after `ready`."""
        return self._proof_key is not None

    @property
    def granted(self) -> frozenset[str]:
        """The scopes of the token in use."""
        return self._token.scopes if self._token is not None else frozenset()

    def ready(self) -> None:
        self._pin.organization()
        if self._token is None or self._monotonic() >= self._token.replace_at:
            self._token = self._fetch_most()

    def headers(self, method: str, url: httpx.URL) -> Mapping[str, str]:
        token = self._token
        assert token is not None, "ready() comes first"
        shown = {"Authorization": f"{token.scheme} {token.secret.reveal()}"}
        if self._proof_key is None:
            return shown
        proof = make_proof(
            self._proof_key, method, url, self._login.far_time(), nonce=self._api_nonce, token=token.secret
        )
        return {**shown, "DPoP": proof}

    def renewed_after(self, rejected: RejectedError) -> bool:
        if rejected.status != 401 or rejected.code == _NO_FEATURE:
            return False
        nonce = rejected.headers.get("dpop-nonce")
        if nonce is not None and nonce != self._api_nonce:
            self._api_nonce = nonce  # RFC 9449, 9; Okta's API has not been seen to ask for one
        else:
            self._token = None
        return True

    def allowed(self, scope: str) -> bool:
        """Whether a token of this one scope can be had; it is thrown away. Raises FarEndError."""
        self._pin.organization()
        try:
            return scope in self._fetch((scope,)).scopes
        except RejectedError as rejected:
            if rejected.code not in _NOT_GRANTED:
                raise
            return False

    def _fetch_most(self) -> AccessToken:
        """A token with every required scope, and with those of the useful ones that are granted.

        Okta leaves out of a token what the app was not granted, or refuses the request as a whole; both are met.
        """
        required = self._needs.required
        useful = self._needs.useful if self._useful is None else self._useful
        try:
            token = self._fetch((*required, *useful))
        except RejectedError as rejected:
            if rejected.code not in _NOT_GRANTED:
                raise
            self._require(frozenset(scope for scope in required if self.allowed(scope)))
            self._useful = tuple(scope for scope in useful if self.allowed(scope))
            return self._fetch((*required, *self._useful))
        self._require(token.scopes)
        return token

    def _require(self, granted: frozenset[str]) -> None:
        missing = tuple(scope for scope in self._needs.required if scope not in granted)
        if missing:
            raise NotGrantedError(SERVICE, f"the app {self.client_id}", missing)

    def _fetch(self, scopes: Sequence[str]) -> AccessToken:
        mended: set[str] = set()
        while True:
            try:
                answer = self._login.ask(PATH, lambda: self._form(scopes))
            except RejectedError as rejected:
                mend = self._mend(rejected)
                if mend is None or mend in mended:
                    raise
                mended.add(mend)
            else:
                return self._checked(access_token(answer.json, self._monotonic()), scopes)

    def _checked(self, token: AccessToken | None, scopes: Sequence[str]) -> AccessToken:
        if token is None:
            raise StrangeAnswerError(SERVICE, "answered without an access token")
        self._pin.check_issuer(token.claims)
        if token.scopes:
            return token
        return AccessToken(token.secret, token.scheme, token.replace_at, frozenset(scopes), token.claims)

    def _mend(self, rejected: RejectedError) -> str | None:
        """What was changed so that asking again may help; None for nothing."""
        nonce = rejected.headers.get("dpop-nonce")
        if rejected.code == "use_dpop_nonce" and nonce is not None:
            self._proof_key = self._proof_key or new_key()
            self._nonce = nonce
            return "nonce"
        if any(words in rejected.summary for words in (*_WRONG_TIME, _LATE_PROOF)):
            return "time"  # the refusal's own Date has set the clock
        if rejected.code == "invalid_dpop_proof" and self._proof_key is None:
            self._proof_key = new_key()
            return "proof"
        return None

    def _form(self, scopes: Sequence[str]) -> Form:
        url = self._login.url(PATH)
        shown = signed_assertion(self._key, self.client_id, url, self._login.far_time())
        return Form({"grant_type": "client_credentials", "scope": " ".join(scopes), **shown}, self._proof(url))

    def _proof(self, url: str) -> Mapping[str, str]:
        if self._proof_key is None:
            return {}
        return {"DPoP": make_proof(self._proof_key, "POST", httpx.URL(url), self._login.far_time(), nonce=self._nonce)}
