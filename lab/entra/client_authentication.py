"""How a service shows at the token endpoint that it is itself: a secret, a certificate, or another issuer's token.

Microsoft identity platform, "Certificate credentials" and "Workload identity federation"; AADSTS codes of its
reference, worded shorter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey
from starlette.requests import Request

from lab.entra.sign_in import unknown_app
from lab.entra.tenant import ServiceApp, Tenant
from lab.openid.client_assertion import (
    TYPE,
    Flaw,
    FlawedAssertionError,
    Unverified,
    check_parties,
    check_times,
    unverified,
    verified,
)

ALGORITHMS: Final = ("RS256", "PS256")
LONGEST: Final = timedelta(hours=24)
EXCHANGE_AUDIENCE: Final = "api://AzureADTokenExchange"


def authenticated(tenant: Tenant, request: Request, fields: Mapping[str, str]) -> ServiceApp:
    """The service that a token request comes from. Raises SignInError."""
    name, password = _basic(request)
    client_id = fields.get("client_id") or name
    service = tenant.services.get(client_id)
    if service is None:
        raise unknown_app(tenant, client_id)
    secret, assertion = fields.get("client_secret") or password, fields.get("client_assertion", "")
    if assertion and fields.get("client_assertion_type") == TYPE:
        _check_assertion(tenant, request, service, assertion)
    elif secret:
        _check_secret(tenant, service, secret)
    else:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise tenant.error("invalid_client", 7000218, text, 401)
    return service


def _check_secret(tenant: Tenant, service: ServiceApp, secret: str) -> None:
    if service.secret is None or not service.secret.matches(secret):
        text = f"Invalid client secret provided for app '{service.id}'."
        raise tenant.error("invalid_client", 7000215, text, 401)
    if service.secret_expires is not None and service.secret_expires <= tenant.clock():
        text = f"The provided client secret keys for app '{service.id}' are expired."
        raise tenant.error("invalid_client", 7000222, text, 401)


def _check_assertion(tenant: Tenant, request: Request, service: ServiceApp, assertion: str) -> None:
    try:
        shown = unverified(assertion)
        if shown.claims.get("iss") == service.id:
            _check_certificate(tenant, request, service, assertion, shown)
        else:
            _check_federated(tenant, service, assertion, shown)
    except FlawedAssertionError as error:
        raise _refusal(tenant, service, error.flaw) from error


def _check_certificate(
    tenant: Tenant, request: Request, service: ServiceApp, assertion: str, shown: Unverified
) -> None:
    certificate = _certificate(service, shown.header)
    key = RSAKey.import_key(certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    claims = verified(assertion, key, ALGORITHMS)
    own = f"https://{request.headers['host']}"
    audiences = {f"{own}{request.url.path}", f"{own}/{tenant.id}/oauth2/v2.0/token", f"{own}/{tenant.id}/v2.0"}
    check_parties(claims, service.id, lambda name: name.rstrip("/") in audiences)
    check_times(claims, tenant.clock(), LONGEST)
    if certificate.not_valid_after_utc <= tenant.clock():
        raise FlawedAssertionError(Flaw.KEY)


def _certificate(service: ServiceApp, header: Mapping[str, Any]) -> x509.Certificate:
    """The registered certificate whose thumbprint the header names: `x5t#S256`, or `x5t` of former times.

    MSAL leaves the padding on, RFC 7515 takes it off.
    """
    sha256_shown, sha1_shown = (str(header.get(name, "")).rstrip("=") for name in ("x5t#S256", "x5t"))
    for certificate in service.certificates:
        der = certificate.public_bytes(Encoding.DER)
        sha1 = hashlib.sha1(der, usedforsecurity=False).digest()
        if sha256_shown == _encoded(hashlib.sha256(der).digest()) or sha1_shown == _encoded(sha1):
            return certificate
    raise FlawedAssertionError(Flaw.KEY)


def _check_federated(tenant: Tenant, service: ServiceApp, assertion: str, shown: Unverified) -> None:
    issuer = str(shown.claims.get("iss", ""))
    from_issuer = [each for each in service.federated if each.issuer == issuer]
    if not from_issuer:
        text = f"No matching federated identity record found for presented assertion issuer '{issuer}'."
        raise tenant.error("invalid_client", 700211, text, 401)
    claims = verified(assertion, _issuer_key(tenant, issuer, shown.header), ALGORITHMS)
    check_times(claims, tenant.clock(), LONGEST)
    subject, audience = claims.get("sub"), claims.get("aud")
    of_subject = [each for each in from_issuer if each.subject == subject]
    if not of_subject:
        text = f"No matching federated identity record found for presented assertion subject '{subject}'."
        raise tenant.error("invalid_client", 700213, text, 401)
    named = audience if isinstance(audience, list) else [audience]
    if not any(each.audience in named for each in of_subject):
        text = f"No matching federated identity record found for presented assertion audience '{audience}'."
        raise tenant.error("invalid_client", 700212, text, 401)


def _issuer_key(tenant: Tenant, issuer: str, header: Mapping[str, Any]) -> RSAKey:
    for key in tenant.foreign_keys.get(issuer, ()):
        if key.get("kid") == header.get("kid"):
            return RSAKey.import_key(dict(key))
    raise FlawedAssertionError(Flaw.KEY)


def _refusal(tenant: Tenant, service: ServiceApp, flaw: Flaw) -> Exception:
    if flaw in (Flaw.EXPIRED, Flaw.EXPIRY_TOO_FAR, Flaw.NO_EXPIRY, Flaw.NOT_YET_ISSUED):
        return tenant.error("invalid_client", 700024, "Client assertion is not within its valid time range.", 401)
    if flaw is Flaw.AUDIENCE:
        text = "Client assertion audience claim does not match Realm issuer."
        return tenant.error("invalid_client", 700023, text, 401)
    if flaw in (Flaw.ISSUER, Flaw.SUBJECT):
        text = "Client assertion application identifier doesn't match 'client_id' parameter."
        return tenant.error("invalid_client", 700021, text, 401)
    if flaw is Flaw.KEY:
        text = f"The key that signed the client assertion is not registered on application '{service.id}'."
        return tenant.error("invalid_client", 700027, f"{text} [Reason - The key was not found.]", 401)
    if flaw is Flaw.UNREADABLE:
        return tenant.error("invalid_request", 50027, "JWT token is invalid or malformed.")
    return tenant.error("invalid_client", 700027, "Client assertion contains an invalid signature.", 401)


def _basic(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
