"""An Okta org: everything that its emulator knows, changed by HTTP once it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lab.authority import utc_now
from lab.okta.api_tokens import ApiTokens
from lab.okta.application import App
from lab.okta.authorize_request import AuthorizeRequest
from lab.okta.devices import Devices
from lab.okta.groups import Groups
from lab.okta.identifiers import new_id
from lab.okta.knobs import Knobs
from lab.okta.office365 import Office365App, PassiveRequest
from lab.okta.policy.context import AccessContext, DeviceFacts, Platform
from lab.okta.policy.judgement import Judgement, judge
from lab.okta.policy.store import Policies
from lab.okta.rate_limits import RateLimits
from lab.okta.service_apps import ServiceApp
from lab.okta.service_tokens import ServiceTokens
from lab.okta.sessions import Session, Sessions
from lab.okta.system_log import SystemLog
from lab.okta.tokens import TokenService
from lab.okta.user import User
from lab.okta.zones import Zones
from lab.openid.passwords import SecretDigest
from lab.openid.replays import Replays
from lab.openid.signing import SigningKey
from lab.openid.tickets import Tickets

STATE_TOKEN_LIFETIME: Final = timedelta(minutes=10)
ASSERTION_MEMORY: Final = timedelta(hours=2)  # an assertion is good for an hour, and clocks differ
PROOF_MEMORY: Final = timedelta(minutes=15)
NO_OKTA_VERIFY: Final = DeviceFacts(registered=False, managed=False)
NONCE_LIFETIME: Final = timedelta(hours=24)  # Okta guide "Configure DPoP"


Wanted = AuthorizeRequest | PassiveRequest
PeoplesApp = App | Office365App


class Org:
    """State of one org. The clock is everybody's: tests move it."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        knobs: Knobs | None = None,
        signing_key: SigningKey | None = None,
        org_id: str | None = None,
        company: str = "Acme",
    ) -> None:
        self.id: Final = org_id or new_id("00o")
        self.company: Final = company
        self.subdomain: Final = company.lower()
        self.created: Final = clock()
        self.clock: Final = clock
        self.knobs: Final = knobs or Knobs()
        self.users: Final[dict[str, User]] = {}
        self.apps: Final[dict[str, App]] = {}
        self.office365: Final[dict[str, Office365App]] = {}
        self.service_apps: Final[dict[str, ServiceApp]] = {}
        self.api_tokens: Final = ApiTokens(clock)
        self.groups: Final = Groups(clock)
        self.devices: Final = Devices(clock, idempotent=self.knobs.idempotent_lifecycle)
        self.policies: Final = Policies(clock, self.knobs.priority_reconciliation)
        self.zones: Final = Zones(clock, self.knobs)
        self.log: Final = SystemLog(clock)
        self.rate_limits: Final = RateLimits(self.knobs, clock)
        self.pending: Final[Tickets[Wanted]] = Tickets(STATE_TOKEN_LIFETIME, clock)
        self.verifying: Final[Tickets[tuple[Wanted, Session]]] = Tickets(STATE_TOKEN_LIFETIME, clock)
        self.sessions: Final = Sessions(clock)
        self.device_keys: Final[dict[str, SecretDigest]] = {}
        key = signing_key or SigningKey()
        self.tokens: Final = TokenService(clock, self.knobs.refresh_grace, key)
        self.service_tokens: Final = ServiceTokens(clock, key)
        self.assertions: Final = Replays(ASSERTION_MEMORY, clock)
        self.proofs: Final = Replays(PROOF_MEMORY, clock)
        self.nonces: Final[Tickets[bool]] = Tickets(NONCE_LIFETIME, clock)

    def app(self, app_id: str) -> PeoplesApp | None:
        """An app that people sign in to."""
        return self.apps.get(app_id) or self.office365.get(app_id)

    def peoples_apps(self) -> list[PeoplesApp]:
        """The apps that people sign in to."""
        return [*self.apps.values(), *self.office365.values()]

    def user(self, login: str) -> User | None:
        """Logins are case-insensitive."""
        return self.users.get(login.strip().lower())

    def add_user(self, user: User) -> None:
        self.users[user.login.lower()] = user

    def user_by_id(self, user_id: str) -> User | None:
        return next((user for user in self.users.values() if user.id == user_id), None)

    def context(
        self, user_id: str, zone_ids: frozenset[str], platform: Platform, device_id: str | None
    ) -> AccessContext:
        """An access of a user, as policies see it; `device_id` is the device whose Okta Verify took part."""
        device = next((each for each in self.devices.all() if each.id == device_id), None)
        return AccessContext(
            user_id=user_id,
            group_ids=self.groups.of(user_id),
            zone_ids=zone_ids,
            device=device.facts if device is not None else NO_OKTA_VERIFY,
            platform=platform,
        )

    def judge_access(self, app: PeoplesApp, session: Session, context: AccessContext) -> Judgement:
        """What the app's sign-in policy says of this session's access."""
        rules = self.policies.get(app.policy_id).in_order()
        return judge(rules, context, session_age=self.clock() - session.started, factors=session.factors)

    def end_sessions(self, user_id: str) -> None:
        """End a user's sessions with the org; what apps got stays theirs."""
        self.sessions.drop(lambda session: session.user_id == user_id)

    def end_sessions_of_device(self, device_id: str) -> None:
        """End the sessions that were made with Okta Verify on a device; all others stay."""
        self.sessions.drop(lambda session: session.device_id == device_id)
