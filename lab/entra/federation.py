"""A federated domain: users are sent to another provider, and come back with a signed token.

WS-Federation 1.2, passive requestor profile, with SAML 1.1 assertions, as Microsoft 365 uses it. Only what the
signature covers is believed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode

from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import XMLVerifier

from lab.entra.errors import SignInError, new_guid
from lab.entra.federated_domain import FederatedDomain
from lab.entra.instance import AUDIENCE
from lab.entra.tenant import Tenant, User

SAML: Final = "urn:oasis:names:tc:SAML:1.0:assertion"
MULTIPLE_AUTHN: Final = "http://schemas.microsoft.com/claims/multipleauthn"
SKEW: Final = timedelta(minutes=5)
LARGEST_TOKEN: Final = 100_000


def passive_request(domain: FederatedDomain, principal_name: str, ticket: str) -> str:
    """Where to send a browser, so that the other provider signs this user in."""
    query = {
        "client-request-id": new_guid(),
        "username": principal_name,
        "wa": "wsignin1.0",
        "wtrealm": AUDIENCE,
        "wctx": f"estsredirect=2&estsrequest={ticket}",
    }
    return f"{domain.passive_url}?{urlencode(query)}"


def ticket_of(context: str) -> str:
    """The ticket in a `wctx` that came back."""
    return parse_qs(context).get("estsrequest", [""])[0]


def federated_user(tenant: Tenant, answer: str) -> tuple[User, frozenset[str]]:
    """Who a `wresult` speaks of, and the grant controls that were met there. Raises SignInError."""
    assertion = _verified(tenant, answer)
    _check_conditions(tenant, assertion)
    immutable_id = _text(assertion, "saml:AttributeStatement/saml:Subject/saml:NameIdentifier")
    name = _attributes(assertion).get("UPN", [""])[0]
    user = next(
        (each for each in tenant.users.values() if each.immutable_id and each.immutable_id == immutable_id), None
    )
    if user is None or user.principal_name.lower() != name.lower():
        raise tenant.error("invalid_request", 51004, f"The user account {name} does not exist in the directory.")
    domain = tenant.federated_domain(name)
    if domain is None or domain.issuer_uri != assertion.get("Issuer"):
        text = f"Requested federation realm object '{assertion.get('Issuer')}' does not exist."
        raise tenant.error("invalid_request", 50107, text)
    methods = _attributes(assertion).get("authnmethodsreferences", [])
    return user, frozenset({"mfa"} if MULTIPLE_AUTHN in methods else ())


def _verified(tenant: Tenant, answer: str) -> etree._Element:
    """The assertion that a known issuer signed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    if len(answer) > LARGEST_TOKEN:
        raise _unusable(tenant)
    try:
        document = etree.fromstring(answer.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _unusable(tenant) from error
    found = document.find(f".//{{{SAML}}}Assertion")
    issuer = found.get("Issuer") if found is not None else None
    domain = next((each for each in tenant.federated_domains.values() if each.issuer_uri == issuer), None)
    if domain is None or found is None:
        raise tenant.error("invalid_request", 50107, f"Requested federation realm object '{issuer}' does not exist.")
    try:
        result = XMLVerifier().verify(
            etree.tostring(found), x509_cert=domain.signing_certificate, id_attribute="AssertionID"
        )
    except (SignXMLException, etree.LxmlError, ValueError) as error:
        raise tenant.error("invalid_request", 50013, "Assertion failed signature validation.") from error
    signed = None if isinstance(result, list) else result.signed_xml
    if signed is None or signed.tag != f"{{{SAML}}}Assertion":
        raise _unusable(tenant)
    return signed


def _check_conditions(tenant: Tenant, assertion: etree._Element) -> None:
    conditions = assertion.find("saml:Conditions", {"saml": SAML})
    audience = _text(assertion, "saml:Conditions/saml:AudienceRestrictionCondition/saml:Audience")
    if conditions is None or audience != AUDIENCE:
        raise _unusable(tenant)
    now = tenant.clock()
    try:
        begins, ends = (datetime.fromisoformat(conditions.get(name, "")) for name in ("NotBefore", "NotOnOrAfter"))
        good = begins - SKEW <= now < ends + SKEW
    except (ValueError, TypeError) as error:
        raise _unusable(tenant) from error
    if not good:
        text = "The assertion is outside its validity period: check the clocks of both providers."
        raise tenant.error("invalid_request", 50008, text)


def _attributes(assertion: etree._Element) -> dict[str, list[str]]:
    names = {"saml": SAML}
    found = assertion.findall("saml:AttributeStatement/saml:Attribute", names)
    return {
        str(each.get("AttributeName")): [value.text or "" for value in each.findall("saml:AttributeValue", names)]
        for each in found
    }


def _text(assertion: etree._Element, path: str) -> str:
    return assertion.findtext(path, "", {"saml": SAML})


def _unusable(tenant: Tenant) -> SignInError:
    return tenant.error("invalid_request", 50008, "SAML assertion is missing or misconfigured in the token.")
