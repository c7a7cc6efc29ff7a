"""The gateway: what it knows, and the way of every CONNECT through identity, admission, decision and destination."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from dtr_rules.decision_log import DecisionRecord
from tunnel_gateway.admission import Admission, AdmissionPolicy
from tunnel_gateway.blocks import Block, Blocks, Kind
from tunnel_gateway.connect import Permit
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.egress import EgressPools
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.identity import Identification
from tunnel_gateway.mitm import Inspector, Limits
from tunnel_gateway.posture.model import PostureAnswer
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.routing import Router
from tunnel_gateway.session import Session
from tunnel_gateway.strangers import StrangerLimit
from tunnel_gateway.tally import Tally
from tunnel_gateway.trail import Event, Trail
from tunnel_gateway.tunnels import Tunnels, judge_in_turn, judge_now

CERTIFICATES_EVERY = 60.0
"""Seconds after which the certificates of open tunnels are judged again: one may have been revoked."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is put together from."""

    name: str
    identification: Identification
    posture: PostureSync
    policy: AdmissionPolicy
    blocks: Blocks
    router: Router
    log: DecisionLog
    limits: Limits
    explains_refusals: bool
    inspector: Inspector | None = None


class Gateway:
    """One running gateway. It holds no sockets; the listener gives it connections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.identification = parts.identification
        self.limits = parts.limits
        self.inspector = parts.inspector
        self.explains_refusals = parts.explains_refusals
        self.strangers = StrangerLimit()
        self.failures = StrangerLimit()
        self.sessions: set[Session] = set()
        self.tunnels = Tunnels()
        self._certificates_judged = monotonic()
        self.tally = Tally()
        self._stopping = False

    def converse(self, client: tuple[str, int], cut: Callable[[], None]) -> Session:
        """A new connection from `client`, which `cut` aborts."""
        session = Session(self, self._trail(client), cut)
        self.sessions.add(session)
        if self._stopping:
            session.shut_down()
        return session

    def turn_away(self, source: str) -> None:
        """A connection for which there was no room."""
        refusal = RefusalError(Reason.OVER_LIMIT)
        trail = self._trail((source, 0))
        self.record_stranger(trail, "refused-before-connect", refusal)

    def _trail(self, client: tuple[str, int]) -> Trail:
        return Trail(decision_id=secrets.token_hex(8), gateway=self._parts.name, source=f"{client[0]}:{client[1]}")

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def shut_down(self) -> None:
        """Let every connection, open or on its way in, end with the reason that the gateway stops."""
        self._stopping = True
        for session in self.sessions:
            session.shut_down()

    @property
    def egress(self) -> EgressPools:
        return self._parts.router.egress

    def adopt(self, router: Router, identification: Identification, limits: Limits, *, explains_refusals: bool) -> None:
        """What decides from now on. A decision on its way ends by what it began with, and is then judged again."""
        router.dialer.never = self._parts.router.dialer.never
        self._parts = replace(
            self._parts,
            router=router,
            identification=identification,
            limits=limits,
            explains_refusals=explains_refusals,
        )
        self.identification, self.limits, self.explains_refusals = identification, limits, explains_refusals

    def drain(self) -> None:
        """Open no more tunnels; those that are open stay."""
        self._stopping = True
        for session in self.sessions:
            if not session.has_tunnel:
                session.shut_down()

    def never_dial(self, own: tuple[str, int]) -> None:
        """A socket of the gateway itself: no rule and no name makes a way to it."""
        dialer = self._parts.router.dialer
        dialer.never = dialer.never | {own}

    # --- the decision log ---

    def write(self, record: DecisionRecord) -> None:
        """Write the record of an admission. Raises RefusalError where it cannot be written and that refuses."""
        self._parts.log.write(record)
        self.tally.count(record)

    def record(self, record: DecisionRecord) -> None:
        """Write a record of something that has already ended."""
        self.tally.count(record)
        self._parts.log.note(record)

    def record_stranger(self, trail: Trail, event: Event, refusal: RefusalError) -> None:
        """The same for a refusal without an identity, of which a source may cause only so many."""
        left_out = self.strangers.admit(trail.source.rpartition(":")[0], monotonic())
        if left_out is None:
            self.tally.count_left_out(refusal.reason)
            return
        self.record(trail.refused(event, refusal.reason, refusal.detail, suppressed=left_out))

    # --- the decision ---

    async def decide(self, trail: Trail, certificates: tuple[bytes | None, list[bytes]], head: ConnectHead) -> Permit:
        """What this device may do. Each step fills the trail or raises RefusalError; nothing has been dialled."""
        identity = await self.identification.identify(*certificates, datetime.now(UTC))
        trail.identity, trail.udid, trail.claimed_app = identity, identity.udid, head.app
        self._parts.blocks.judge(identity)
        trail.device = self._admit(trail, await self._parts.posture.posture_of(identity.udid))
        self.check_room(identity.udid)
        return await self._parts.router.route(trail, trail.device, head)

    def _admit(self, trail: Trail, answer: PostureAnswer) -> Admission:
        trail.posture_revision, trail.posture_age = answer.revision, answer.age
        if answer.posture is not None:
            trail.platform = answer.posture.platform
        return self._parts.policy.judge(answer)

    def check_room(self, udid: str) -> None:
        """One device may not take every place. Raises RefusalError with `over-limit`."""
        limit = self.limits.tunnels_per_device
        if len(self.tunnels.of_device(udid.lower())) >= limit:
            raise RefusalError(Reason.OVER_LIMIT, f"the device has {limit} tunnels already")

    # --- judging again ---

    def judge(self, session: Session) -> None:
        """Whether what was admitted would be admitted now, by all that is known: nobody is asked.

        Raises RefusalError with the reason that a new connection would get.
        """
        self._judge(session, self._parts.posture.known)

    async def judge_certificate(self, session: Session) -> None:
        """Whether its certificate would be accepted now: dialling takes time, in which a reload may have come.

        Its authority is asked only where what it said before has run out. Raises RefusalError.
        """
        await self.identification.judge_again(session.identity, datetime.now(UTC))

    def judge_live(self, session: Session) -> None:
        """The same for an open tunnel, which may outlive the age of its device's posture for a while."""
        self._judge(session, self._parts.posture.known_of_live)

    def _judge(self, session: Session, known: Callable[[str], PostureAnswer]) -> None:
        self._parts.blocks.judge(session.identity)
        device = self._parts.policy.judge(known(session.identity.udid))
        self._parts.router.judge(session.trail, device)

    def block(self, kind: Kind, name: str, reason: str) -> tuple[Block, int]:
        """Block a device or a certificate by its name, and cut its tunnels: the block, and how many were cut.

        Raises NotKeptError, when it is done, where a restart would forget it.
        """
        blocks = self._parts.blocks
        try:
            made = blocks.block(kind, name, reason, datetime.now(UTC))
        finally:
            cut = judge_now(self.tunnels, lambda session: blocks.judge(session.identity))
        return made, cut

    def allow(self, kind: Kind, name: str) -> bool:
        """Take a block back; whether there was one. Raises NotKeptError."""
        return self._parts.blocks.allow(kind, name)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(self._parts.blocks)

    @property
    def devices_with_tunnels(self) -> tuple[str, ...]:
        return self.tunnels.devices

    def kept_on_stale(self) -> int:
        """Open tunnels of devices whose posture is too old for a new one."""
        stale = {udid for udid in self.tunnels.devices if self._parts.posture.is_stale(udid)}
        return sum(session.identity.udid.lower() in stale for session in self.tunnels.open) if stale else 0

    def device_changed(self, udid: str) -> None:
        """Something became known of a device: its tunnels are judged at once. `udid` is in lower case."""
        judge_now(self.tunnels.of_device(udid), self.judge_live)

    async def devices_changed(self, udids: Iterable[str]) -> None:
        """The same for many devices."""
        await judge_in_turn([each for udid in udids for each in self.tunnels.of_device(udid)], self.judge_live)

    async def rules_changed(self) -> None:
        """The rule book was swapped: every tunnel is judged by the new one."""
        await judge_in_turn(self.tunnels, self.judge_live)

    async def certificates_expired(self) -> None:
        """Time has passed: where a certificate has come to its end, or a while after the last look, all are judged."""
        now = datetime.now(UTC)
        due = monotonic() - self._certificates_judged > CERTIFICATES_EVERY
        if due or any(session.identity.not_after <= now for session in self.tunnels):
            self._certificates_judged = monotonic()
            await self.certificates_changed()

    async def certificates_changed(self) -> None:
        """Time has passed, or authorities or revocations changed: every tunnel's certificate is judged again.

        Where what is known about one has run out, its authority is asked.
        """
        identities = {session.identity.thumbprint: session.identity for session in self.tunnels}
        fallen = await self.identification.fallen(identities.values(), datetime.now(UTC))
        reasons = {identity.thumbprint: error for identity, error in fallen}

        def judge(session: Session) -> None:
            raise reasons[session.identity.thumbprint]

        await judge_in_turn((each for name in reasons for each in self.tunnels.of_certificate(name)), judge)
