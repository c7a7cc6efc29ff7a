"""The token that a federated sign-in ends with: a signed SAML 1.1 assertion in a RequestSecurityTokenResponse.

WS-Trust (February 2005), SAML 1.1 core, XML Signature; the claims are those that Microsoft 365 reads.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from lab.okta.office365 import REALM, Office365App, moment_of
from lab.okta.sessions import Session
from lab.okta.user import User

LIFETIME: Final = timedelta(minutes=5)
TRUST: Final = "http://schemas.xmlsoap.org/ws/2005/02/trust"
SAML: Final = "urn:oasis:names:tc:SAML:1.0:assertion"
PREFIXES: Final = {TRUST: "t", SAML: "saml"}
CLAIMS: Final = "http://schemas.xmlsoap.org/claims"
LIVE_ID: Final = "http://schemas.microsoft.com/LiveID/Federation/2008/05"
METHODS: Final = "http://schemas.microsoft.com/claims"
PASSWORD: Final = "urn:oasis:names:tc:SAML:1.0:am:password"  # noqa: S105  the name of a method
MULTIPLE_AUTHN: Final = "http://schemas.microsoft.com/claims/multipleauthn"


def token_response(app: Office365App, user: User, session: Session, now: datetime) -> str:
    """The `wresult` that says who signed in, signed with the app's key."""
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    assertion = _assertion(app, user, session, now)
    signed = signer.sign(
        assertion,
        key=app.signing_key,
        cert=[app.certificate],
        reference_uri=assertion.get("AssertionID"),
        id_attribute="AssertionID",
    )
    response = _element(
        TRUST,
        "RequestSecurityTokenResponse",
        _element(TRUST, "RequestedSecurityToken", signed),
        _element(TRUST, "TokenType", text=SAML),
        _element(TRUST, "RequestType", text=f"{TRUST}/Issue"),
        _element(TRUST, "KeyType", text="http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey"),
    )
    return str(etree.tostring(response, encoding="unicode"))


def _assertion(app: Office365App, user: User, session: Session, now: datetime) -> etree._Element:
    several = len(session.factors) > 1
    claims = [
        _attribute("UPN", CLAIMS, user.login),
        _attribute("ImmutableID", LIVE_ID, user.id),
        *([_attribute("authnmethodsreferences", METHODS, MULTIPLE_AUTHN)] if several else []),
    ]
    audience = _element(SAML, "AudienceRestrictionCondition", _element(SAML, "Audience", text=REALM))
    until = {"NotBefore": moment_of(now), "NotOnOrAfter": moment_of(now + LIFETIME)}
    authenticated = {"AuthenticationMethod": PASSWORD, "AuthenticationInstant": moment_of(session.started)}
    return _element(
        SAML,
        "Assertion",
        _element(SAML, "Conditions", audience, **until),
        _element(SAML, "AttributeStatement", _subject(user), *claims),
        _element(SAML, "AuthenticationStatement", _subject(user), **authenticated),
        MajorVersion="1",
        MinorVersion="1",
        AssertionID=f"_{secrets.token_hex(16)}",
        Issuer=app.issuer,
        IssueInstant=moment_of(now),
    )


def _subject(user: User) -> etree._Element:
    form = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    method = _element(SAML, "ConfirmationMethod", text="urn:oasis:names:tc:SAML:1.0:cm:bearer")
    name = _element(SAML, "NameIdentifier", text=user.id, Format=form)
    return _element(SAML, "Subject", name, _element(SAML, "SubjectConfirmation", method))


def _attribute(name: str, namespace: str, value: str) -> etree._Element:
    inner = _element(SAML, "AttributeValue", text=value)
    return _element(SAML, "Attribute", inner, AttributeName=name, AttributeNamespace=namespace)


def _element(
    namespace: str, name: str, *children: etree._Element, text: str | None = None, **attributes: str
) -> etree._Element:
    element = etree.Element(f"{{{namespace}}}{name}", attributes, {PREFIXES[namespace]: namespace})
    element.text = text
    element.extend(children)
    return element
