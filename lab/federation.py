"""An Office 365 domain of the tenant, federated to the org: each side gets what it has to know of the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from lab.entra.errors import new_guid
from lab.entra.federated_domain import FederatedDomain
from lab.entra.tenant import Tenant
from lab.entra.tenant import User as Account
from lab.okta.acme import CLIENT_ID
from lab.okta.identifiers import new_id
from lab.okta.office365 import REPLY_TO, Office365App
from lab.okta.org import Org
from lab.okta.user import User
from lab.openid.passwords import NOBODY, PasswordDigest

LABEL: Final = "Microsoft Office 365"
DOMAIN: Final = "office.acme.example"
LOGIN: Final = "ben@office.acme.example"


def federate_office(
    org: Org, tenant: Tenant, *, password: str, org_url: str, key: rsa.RSAPrivateKey | None = None
) -> Office365App:
    """Acme's second domain: Ben signs in at the org with `password`, by the policy of the org's own app."""
    ben = User(new_id("00u"), LOGIN, "Ben", "Acme", PasswordDigest.of(password), org.clock())
    org.add_user(ben)
    federated_account(tenant, ben)
    return federate(org, tenant, DOMAIN, org_url=org_url, policy_id=org.apps[CLIENT_ID].policy_id, key=key)


def federate(
    org: Org,
    tenant: Tenant,
    domain: str,
    *,
    org_url: str,
    policy_id: str,
    reply_to: str = REPLY_TO,
    key: rsa.RSAPrivateKey | None = None,
) -> Office365App:
    """Make the org's Office 365 app, whose people use `policy_id`, and let the tenant send the domain's users there.

    `org_url` is the origin that browsers know the org by, `reply_to` where they bring its tokens. Without a `key` the
    app signs with a new one.
    """
    key = key or new_key()
    app = Office365App(
        id=new_id("0oa"),
        key=new_id("exk"),
        label=LABEL,
        domain=domain,
        policy_id=policy_id,
        signing_key=key,
        certificate=_certificate(org, key),
        created=org.clock(),
        reply_to=reply_to,
    )
    org.office365[app.id] = app
    endpoints = f"{org_url}/app/office365/{app.key}/sso/wsfed"
    tenant.federated_domains[domain] = FederatedDomain(
        name=domain,
        issuer_uri=app.issuer,
        passive_url=f"{endpoints}/passive",
        active_url=f"{endpoints}/active",
        metadata_url=f"{endpoints}/metadata",
        signing_certificate=app.certificate,
    )
    return app


def new_key() -> rsa.RSAPrivateKey:
    """A key for the org's tokens."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def federated_account(tenant: Tenant, user: User) -> Account:
    """The tenant's account of a person of the org: the same name, the org's id, and no password that anybody knows."""
    account = Account(new_guid(), user.login, user.name, NOBODY, immutable_id=user.id)
    tenant.users[account.id] = account
    return account


def _certificate(org: Org, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Self-signed, as an org's own are: Microsoft trusts this very certificate, and no authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{org.subdomain}.okta.com")])
    now = org.clock()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
