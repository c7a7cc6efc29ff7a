"""The gateway: what it knows, and the way of every CONNECT through identity, admission, decision and destination."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from dtr_rules import Action, Decision, Flow, Index, Platform, RuleSet
from dtr_rules.decision_log import DecisionRecord
from dtr_rules.hosts import Host, HostError, parse_host
from tunnel_gateway.admission import admit
from tunnel_gateway.connect import Permit
from tunnel_gateway.decision_log import DecisionLog, StrangerLimit
from tunnel_gateway.dialer import Dialer, Target
from tunnel_gateway.egress import EgressPool
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.identity import CertificateVerifier
from tunnel_gateway.mitm import Limits
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.session import Session
from tunnel_gateway.trail import Trail

logger = logging.getLogger(__name__)

TUNNELLED_PORT = 443
"""The port that a rule means which names none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is put together from."""

    name: str
    verifier: CertificateVerifier
    posture: PostureSync
    rules: RuleSet
    dialer: Dialer
    egress: EgressPool
    log: DecisionLog
    limits: Limits
    explains_refusals: bool


class Gateway:
    """One running gateway. It holds no sockets; the listener gives it connections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._index = Index(parts.rules)
        self.limits = parts.limits
        self.explains_refusals = parts.explains_refusals
        self.strangers = StrangerLimit()
        self.failures = StrangerLimit()
        self.sessions: set[Session] = set()
        self._stopping = False
        self._lost_records = 0

    def converse(self, client: tuple[str, int], cut: Callable[[], None]) -> Session:
        """A new connection from `client`, which `cut` aborts."""
        session = Session(self, self._trail(client), cut)
        self.sessions.add(session)
        if self._stopping:
            session.shut_down()
        return session

    def turn_away(self, source: str) -> None:
        """A connection for which there was no room."""
        left_out = self.strangers.admit(source, monotonic())
        if left_out is not None:
            refusal = RefusalError(Reason.OVER_LIMIT)
            trail = self._trail((source, 0))
            self.record(trail.refused("refused-before-connect", refusal.reason, refusal.detail, suppressed=left_out))

    def _trail(self, client: tuple[str, int]) -> Trail:
        return Trail(decision_id=secrets.token_hex(8), gateway=self._parts.name, source=f"{client[0]}:{client[1]}")

    def shut_down(self) -> None:
        """Let every connection, open or on its way in, end with the reason that the gateway stops."""
        self._stopping = True
        for session in self.sessions:
            session.shut_down()

    # --- the decision log ---

    def write(self, record: DecisionRecord) -> None:
        """Write a record that something rests on. Raises OSError."""
        self._parts.log.write(record)

    def record(self, record: DecisionRecord) -> None:
        """Write a record of something that has already ended; where that fails, the operator is told once."""
        try:
            self._parts.log.write(record)
        except OSError as error:
            self._lost_records += 1
            if self._lost_records == 1:
                logger.warning("the decision log cannot be written: %s", error.strerror or error)

    # --- the decision ---

    async def decide(self, trail: Trail, certificates: tuple[bytes | None, list[bytes]], head: ConnectHead) -> Permit:
        """What this device may do. Each step fills the trail or raises RefusalError; nothing has been dialled."""
        identity = self._parts.verifier.identify(*certificates, datetime.now(UTC))
        trail.udid, trail.claimed_app = identity.udid, head.app
        platform = await self._admit(trail)
        trail.host, trail.port = head.host, head.port
        host = _host(head.host)
        trail.host = str(host)
        flow = Flow(platform, host, head.port, app=head.app)
        reason, targets = await self._targets(trail, flow)
        return self._permit(trail, identity.udid, reason, targets)

    async def _admit(self, trail: Trail) -> Platform:
        assert trail.udid is not None
        answer = await self._parts.posture.posture_of(trail.udid)
        trail.posture_revision, trail.posture_age = answer.revision, answer.age
        if answer.posture is not None:
            trail.platform = answer.posture.platform
        return admit(answer.posture)

    async def judge_again(self, trail: Trail) -> None:
        """Names were resolved and connections made since the device was admitted: is it still?

        Raises RefusalError where what is known of its posture has changed for the worse.
        """
        if self._parts.posture.revision != trail.posture_revision:
            await self._admit(trail)

    async def _targets(self, trail: Trail, flow: Flow) -> tuple[Reason, list[Target]]:
        """The addresses that the rules let this flow reach: the rules are asked about the name, then each address."""
        index, rules = self._index, self._index.rule_set
        trail.rule_set = rules.digest
        by_name = index.decide(flow)
        self._note(trail, by_name)
        if not _tunnels(by_name) and not index.has_address_patterns:
            raise _refusal(by_name)
        if _tunnels(by_name):
            _judge_port(rules, by_name, flow)
        found = await self._parts.dialer.targets(flow.host, flow.port)
        decisions = [(target, index.decide(_at(flow, target))) for target in found]
        kept = [(target, decision) for target, decision in decisions if _tunnels(decision)]
        decision = kept[0][1] if kept else decisions[0][1]
        self._note(trail, decision)
        if not kept:
            raise _refusal(decision)
        _judge_port(rules, decision, _at(flow, kept[0][0]))
        return Reason(decision.reason), [target for target, each in kept if each == decision]

    def _permit(self, trail: Trail, udid: str, reason: Reason, targets: list[Target]) -> Permit:
        egress = self._parts.egress.for_device(udid, [target.address.ip.version for target in targets])
        trail.egress = str(egress)
        usable = tuple(
            (str(target.address), target.port) for target in targets if target.address.ip.version == egress.version
        )
        return Permit(usable, str(egress), reason)

    @staticmethod
    def _note(trail: Trail, decision: Decision) -> None:
        trail.action, trail.rule, trail.rule_index = decision.action, decision.rule, decision.rule_index


def _host(text: str) -> Host:
    try:
        return parse_host(text)
    except HostError as error:
        raise RefusalError(Reason.HOST_INVALID, f"the host {error}") from error


def _at(flow: Flow, target: Target) -> Flow:
    """The flow once its address is known. Where the operator leads a host elsewhere, the name alone decides."""
    return replace(flow, address=None if target.mapped else target.address)


def _tunnels(decision: Decision) -> bool:
    """Only `tunnel` passes. An action that means something on the device alone is a refusal here."""
    return decision.action is Action.TUNNEL


def _refusal(decision: Decision) -> RefusalError:
    by = f"the rule '{decision.rule}'" if decision.rule is not None else str(decision.reason)
    return RefusalError(Reason(decision.reason), f"{by} says {decision.action}, and the gateway serves tunnel alone")


def _judge_port(rules: RuleSet, decision: Decision, flow: Flow) -> None:
    """A rule that names no port means the login port; any other must stand in the rule that decided."""
    if flow.port == TUNNELLED_PORT:
        return
    rule = None if decision.rule_index is None else rules.rules[decision.rule_index]
    named = () if rule is None else [each for each in rule.destinations if each.ports is not None]
    apex = rules.wildcard_matches_apex
    if not any(each.matches(flow.host, flow.port, flow.address, wildcard_matches_apex=apex) for each in named):
        words = f"no destination of the rule names port {flow.port}, so only {TUNNELLED_PORT} is meant"
        raise RefusalError(Reason.PORT_NOT_ALLOWED, words)
