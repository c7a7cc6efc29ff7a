"""One connection's conversation with the gateway: what is remembered of it, and its records in the decision log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from tunnel_gateway import refusal as refusals
from tunnel_gateway.connect import ConnectLayer, Permit
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.identity import Identity
from tunnel_gateway.mitm import Context, Layer, Server
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.trail import Event, Trail

if TYPE_CHECKING:
    from tunnel_gateway.gateway import Gateway

logger = logging.getLogger(__name__)

MAX_DETAIL: Final = 300
"""Letters of a detail in the decision log; some come from the far end."""


class Session:
    """From the first byte of a connection to its last record. `cut` aborts both of its sockets."""

    def __init__(self, gateway: Gateway, trail: Trail, cut: Callable[[], None]) -> None:
        self.trail = trail
        self.cut = cut
        self._gateway = gateway
        self._certificates: tuple[bytes | None, list[bytes]] = (None, [])
        self._asked = False
        self._recorded = False
        self._opened_at: float | None = None
        self._fault: tuple[Reason, str] = (Reason.HANDSHAKE_FAILED, "the connection ended before the TLS handshake")
        self._end: Reason | None = None
        self._cut_for: Reason | None = None
        self._cut_detail: str | None = None

    @property
    def identity(self) -> Identity:
        """Whose connection it is, from the moment that its certificate was accepted."""
        assert self.trail.identity is not None
        return self.trail.identity

    @property
    def certificates(self) -> tuple[bytes | None, list[bytes]]:
        """What the device presented, in DER: the leaf, and what came with it."""
        return self._certificates

    @property
    def _source(self) -> str:
        return self.trail.source.rpartition(":")[0]

    @property
    def has_tunnel(self) -> bool:
        return self._opened_at is not None

    def lasted(self, now: float) -> float:
        """Seconds since the tunnel was opened; `now` is of the monotonic clock."""
        return 0.0 if self._opened_at is None else now - self._opened_at

    # --- turns of the transport ---

    def layer(self, context: Context) -> Layer:
        return ConnectLayer(context, self, self._gateway.limits)

    def handshake_done(self, leaf: bytes | None, intermediates: list[bytes]) -> None:
        self._certificates = (leaf, intermediates)
        self._fault = (Reason.CLOSED_BY_DEVICE, "the connection ended before a request came")

    def handshake_failed(self, detail: str) -> None:
        self._fault = (Reason.HANDSHAKE_FAILED, detail)

    def handshake_timed_out(self) -> None:
        self._cut_for = Reason.HANDSHAKE_TIMEOUT

    def broken(self) -> None:
        self._fault = (Reason.CLOSED_BY_DEVICE, "the device broke the TLS connection")
        self._end = Reason.CLOSED_BY_DEVICE

    def idle(self) -> None:
        self._cut_for = Reason.IDLE

    def crashed(self, error: BaseException | None) -> None:
        self._tell("a connection failed and was cut", error)
        self._cut_for = Reason.INTERNAL_ERROR

    def shut_down(self) -> None:
        self._cut_for = Reason.CUT_BY_SHUTDOWN if self.has_tunnel else Reason.SHUTTING_DOWN

    def cut_for(self, reason: Reason, detail: str) -> None:
        """End the tunnel at once, both its sides, for a reason that begins with `cut-by`."""
        if self._cut_for is None:
            self._cut_for, self._cut_detail = reason, detail[:MAX_DETAIL]
        self.cut()

    def closed(self) -> None:
        self._gateway.sessions.discard(self)
        self._gateway.tunnels.ended(self)
        if self._opened_at is not None:
            reason = self._cut_for or self._end or Reason.CLOSED_BY_DEVICE
            self._gateway.record(self.trail.ended(reason, self.lasted(monotonic()), self._cut_detail))
        elif not self._recorded:
            self._record_refusal(RefusalError(self._cut_for) if self._cut_for else RefusalError(*self._fault))

    def gone(self) -> None:
        self._gateway.tunnels.gone(self)

    # --- questions of the connect layer ---

    async def decide(self, head: ConnectHead) -> Permit:
        self._asked = True
        self._fault = (Reason.CLOSED_BY_DEVICE, "the device went before it was answered")
        if self._cut_for is not None:  # what was already on its way when the connection was cut
            raise RefusalError(self._cut_for)
        return await self._gateway.decide(self.trail, self._certificates, head)

    async def admitted(self, permit: Permit, address: str) -> None:
        await self._gateway.judge_certificate(self)
        if self._cut_for is not None:
            raise RefusalError(self._cut_for)
        self.trail.connected(address, permit.egress)
        inspector = self._gateway.inspector
        self.trail.inspected = inspector is not None and self.trail.host in inspector.hosts
        self._gateway.judge(self)
        self._gateway.check_room(self.identity.udid)
        self._gateway.write(self.trail.admitted(permit.reason))
        self._recorded = True
        self._opened_at = monotonic()
        self._gateway.tunnels.opened(self)

    def refused(self, refusal: RefusalError) -> bytes:
        if refusal.reason is Reason.INTERNAL_ERROR:
            self._tell("a decision failed", refusal.__cause__)
        self._record_refusal(refusal)
        if refusal.reason.meaning.status is None or not self._gateway.explains_refusals:
            return b""
        return refusals.answer(refusal, self.trail.decision_id, self.trail.gateway)

    def relayed(self, *, up: int = 0, down: int = 0) -> None:
        self.trail.bytes_up += up
        self.trail.bytes_down += down

    def inspection(self, context: Context, server: Server) -> Layer | None:
        inspector = self._gateway.inspector
        return None if inspector is None else inspector.layer(context, server, self.trail.host or "")

    def would(self, words: str) -> None:
        self.trail.would = (*self.trail.would, words)

    def ended(self, reason: Reason, detail: str = "") -> None:
        if self._end is None:
            self._end, self._cut_detail = reason, detail[:MAX_DETAIL] or None

    def _tell(self, what: str, error: BaseException | None) -> None:
        """Show the operator a failure of ours, but no stranger may fill the screen with them."""
        if self._gateway.failures.admit(self._source, monotonic()) is not None:
            logger.error("%s: %s", self.trail.decision_id, what, exc_info=error)

    def _record_refusal(self, refusal: RefusalError) -> None:
        self._recorded = True
        reason, detail = refusal.reason, refusal.detail[:MAX_DETAIL]
        event: Event = "connect" if self._asked else "refused-before-connect"
        if self.trail.udid is not None:
            self._gateway.record(self.trail.refused(event, reason, detail))
            return
        self._gateway.record_stranger(self.trail, event, RefusalError(reason, detail))
