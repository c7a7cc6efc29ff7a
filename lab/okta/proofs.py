"""DPoP at the org: proofs with a nonce at the token endpoint, proofs with the token's hash at the API.

Okta guide "Configure OAuth 2.0 Demonstrating Proof-of-Possession"; the texts are those of Okta's error list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import HTTPConnection

from lab.okta.arrival import org_url
from lab.okta.oauth_error import OAuthError
from lab.okta.org import Org
from lab.openid.dpop import Flaw, FlawedProofError, Proof, access_token_hash, read_proof

_FLAWS: Final[Mapping[Flaw, str]] = {
    Flaw.UNREADABLE: "The DPoP proof JWT cannot be parsed.",
    Flaw.TYPE: "'typ' must be 'dpop+jwt' in the DPoP proof JWT.",
    Flaw.ALGORITHM: "The DPoP proof JWT signature algorithm is invalid.",
    Flaw.SIGNATURE: "The DPoP proof JWT signature is invalid.",
    Flaw.METHOD: "'htm' claim in the DPoP proof JWT is invalid.",
    Flaw.URL: "'htu' claim in the DPoP proof JWT is invalid.",
    Flaw.NO_TIME: "'iat' claim in the DPoP proof JWT is invalid.",
    Flaw.IN_FUTURE: "The DPoP proof JWT is issued in the future.",
    Flaw.TOO_OLD: "The DPoP proof JWT is issued more than five minutes in the past.",
    Flaw.IDENTIFIER: "'jti' claim in the DPoP proof JWT is invalid.",
}


class Proofs:
    """Checks the `DPoP` header of requests."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def of_token_request(self, request: HTTPConnection) -> str:
        """The thumbprint of the key that a token will be bound to. Raises OAuthError, at first for want of a nonce."""
        proof = self._proof(request, "The DPoP proof JWT header is missing.")
        if proof.nonce is None or self._org.nonces.read(proof.nonce) is None:
            nonce = {"dpop-nonce": self._org.nonces.issue(True)}
            text = "Authorization server requires nonce in DPoP proof."
            raise OAuthError(400, "use_dpop_nonce", text, nonce)
        self._check_replay(proof)
        return proof.thumbprint

    def of_api_request(self, request: HTTPConnection, token: str) -> str:
        """The thumbprint of the key that an API call shows, for `token`. No nonce is asked for. Raises OAuthError."""
        if "dpop" not in request.headers:
            raise OAuthError(400, "invalid_request", "The resource request requires a DPoP proof.")
        proof = self._proof(request, "")
        if proof.access_token_hash != access_token_hash(token):
            text = "'ath' claim in the DPoP proof does not match the presented access_token."
            raise OAuthError(400, "invalid_dpop_proof", text)
        self._check_replay(proof)
        return proof.thumbprint

    def _proof(self, request: HTTPConnection, missing: str) -> Proof:
        shown = request.headers.getlist("dpop")
        if not shown:
            raise OAuthError(400, "invalid_dpop_proof", missing)
        if len(shown) > 1:
            raise OAuthError(400, "invalid_dpop_proof", "Multiple DPoP proof JWT headers are not allowed.")
        url, method = f"{org_url(request)}{request.scope['path']}", request.scope["method"]
        try:
            return read_proof(shown[0], method=method, url=url, now=self._org.clock())
        except FlawedProofError as error:
            raise OAuthError(400, "invalid_dpop_proof", _FLAWS[error.flaw]) from error

    def _check_replay(self, proof: Proof) -> None:
        if not self._org.proofs.first_use(proof.thumbprint, proof.identifier):
            raise OAuthError(400, "invalid_dpop_proof", "The DPoP proof JWT has already been used.")
