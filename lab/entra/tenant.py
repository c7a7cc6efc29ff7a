"""An Entra tenant: everything that its emulator knows, changed by HTTP once it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509

from lab.authority import utc_now
from lab.entra.authorize_request import AuthorizeRequest
from lab.entra.conditional_access import Judgement, SignInFacts, judge
from lab.entra.errors import SignInError
from lab.entra.federated_domain import FederatedDomain
from lab.entra.knobs import Knobs
from lab.entra.locations import Locations
from lab.entra.policies import Policies
from lab.entra.revocations import Revocations
from lab.entra.sign_in_log import SignInLog
from lab.entra.tokens import TokenService
from lab.openid.passwords import PasswordDigest, SecretDigest
from lab.openid.signing import SigningKey
from lab.openid.tickets import Tickets

ANY_TENANT: Final = ("common", "organizations")
FLOW_LIFETIME: Final = timedelta(minutes=10)
SESSION_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in."""

    id: str
    principal_name: str
    display_name: str
    password: PasswordDigest = field(repr=False)
    second_factor: SecretDigest | None = field(default=None, repr=False)
    """The code that the lab's simulated authenticator shows, if the user has one."""
    group_ids: frozenset[str] = frozenset()
    immutable_id: str | None = None
    """What another identity provider calls this user, in a federated domain."""

    @property
    def logged(self) -> tuple[str, str, str]:
        """As the sign-in log names a user."""
        return self.id, self.principal_name, self.display_name


@dataclass(frozen=True, slots=True)
class PublicApp:
    """A native app: a public client without a secret."""

    id: str
    display_name: str
    redirect_uris: frozenset[str]


@dataclass(frozen=True, slots=True)
class FederatedCredential:
    """Whose tokens a service may show instead of a secret of its own (workload identity federation)."""

    issuer: str
    subject: str
    audience: str = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """A service with application permissions at Graph, and the credentials that it may show."""

    id: str
    display_name: str
    roles: frozenset[str]
    secret: SecretDigest | None = field(default=None, repr=False)
    secret_expires: datetime | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    federated: tuple[FederatedCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Made by a password check, kept by a cookie."""

    user_id: str
    started: datetime
    controls: frozenset[str] = frozenset()
    """Grant controls of conditional access that were met, such as `mfa`."""


class Tenant:
    """State of one tenant. The clock is everybody's: tests move it."""

    def __init__(
        self,
        tenant_id: str,
        *,
        display_name: str,
        domain: str,
        clock: Callable[[], datetime] = utc_now,
        knobs: Knobs | None = None,
        signing_key: SigningKey | None = None,
    ) -> None:
        self.id: Final = tenant_id
        self.display_name: Final = display_name
        self.domain: Final = domain
        self.clock: Final = clock
        self.knobs: Final = knobs or Knobs()
        self.users: Final[dict[str, User]] = {}
        self.apps: Final[dict[str, PublicApp]] = {}
        self.services: Final[dict[str, ServiceApp]] = {}
        self.federated_domains: Final[dict[str, FederatedDomain]] = {}
        self.foreign_keys: Final[dict[str, tuple[Mapping[str, Any], ...]]] = {}
        """The public JWKs of other issuers, which the service itself would fetch from them."""
        self.revocations: Final = Revocations(clock, self.knobs.revocation_delay)
        self.policies: Final = Policies(clock)
        self.without_address_check: Final[set[str]] = set()
        """The `uti` of tokens whose bearer's address resources do not check."""
        self.locations: Final = Locations(clock, self.knobs)
        self.log: Final = SignInLog(clock)
        self.verifying: Final[Tickets[tuple[AuthorizeRequest, Session]]] = Tickets(FLOW_LIFETIME, clock)
        self.flows: Final[Tickets[AuthorizeRequest]] = Tickets(FLOW_LIFETIME, clock)
        self.sessions: Final[Tickets[Session]] = Tickets(SESSION_LIFETIME, clock)
        self.tokens: Final = TokenService(tenant_id, clock, signing_key or SigningKey())

    def user_named(self, principal_name: str) -> User | None:
        """Principal names are case-insensitive."""
        wanted = principal_name.strip().lower()
        return next((user for user in self.users.values() if user.principal_name.lower() == wanted), None)

    def federated_domain(self, principal_name: str) -> FederatedDomain | None:
        """Who signs this user in, if it is not the tenant itself."""
        return self.federated_domains.get(principal_name.strip().rpartition("@")[2].lower())

    def judge_access(self, facts: SignInFacts) -> Judgement:
        """What conditional access says of a sign-in now."""
        return judge(self.policies.all(), facts, self.locations.in_force())

    def error(self, error: str, number: int, text: str, status: int = 400) -> SignInError:
        """An error of the sign-in service, stamped with the tenant's time."""
        return SignInError(error, number, text, self.clock(), status)

    def check_name(self, name: str) -> None:
        """Whether a path's tenant is this one, by id, domain or for any. Raises SignInError (90002)."""
        if name.lower() not in (self.id, self.domain, *ANY_TENANT):
            text = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
            raise self.error("invalid_request", 90002, text)
