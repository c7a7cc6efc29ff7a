"""Where event notifications go, which are still to be sent, and the history of all that was sent.

In the order of the events, one after the other. Whether the product tries again is not known: a knob.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import httpx

from lab.uem.errors import NotFoundError
from lab.uem.events import BOX_OF, Box, EventType, notification
from lab.uem.inventory import ManagedDevice
from lab.uem.knobs import Knobs

HISTORY: Final = 10_000
"""Entries of the history; older ones are forgotten."""
TEST: Final = "Test Connection"


@dataclass(frozen=True, slots=True)
class Receiver:
    """An event notification as the console sets it up: where to, with which Basic credentials, and what about."""

    name: str
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    boxes: frozenset[Box] = frozenset(Box)
    is_active: bool = True
    id: int = 0

    @property
    def uuid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:event-notification:{self.id}"))


@dataclass(frozen=True, slots=True)
class Sent:
    """One request to a receiver and what came of it: the status of the answer, or why there was none."""

    at: datetime
    receiver: str
    url: str
    event: str
    attempt: int
    body: Mapping[str, Any] | None
    status: int | None
    error: str = ""

    @property
    def was_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Waiting:
    receiver: Receiver
    event: str
    body: Mapping[str, Any]
    due: datetime
    attempt: int = 1


class EventDesk:
    """The receivers of one tenant. `http` is the tenant's way out; without one nothing arrives anywhere."""

    def __init__(self, now: Callable[[], datetime], knobs: Callable[[], Knobs], group: str) -> None:
        self._now = now
        self._knobs = knobs
        self._group = group
        self.http: httpx.AsyncClient | None = None
        self.receivers: Final[dict[int, Receiver]] = {}
        self.history: Final[deque[Sent]] = deque(maxlen=HISTORY)
        self._waiting: Final[deque[_Waiting]] = deque()
        self._numbers = 0

    def add(self, receiver: Receiver) -> Receiver:
        """The receiver with its number."""
        self._numbers += 1
        self.receivers[self._numbers] = replace(receiver, id=self._numbers)
        return self.receivers[self._numbers]

    def replace(self, number: int, receiver: Receiver) -> None:
        """Set up anew the receiver of this number. Raises NotFoundError."""
        self.receivers[self.receiver(number).id] = replace(receiver, id=number)

    def receiver(self, number: int) -> Receiver:
        """Raises NotFoundError."""
        try:
            return self.receivers[number]
        except KeyError:
            raise NotFoundError("there is no such event notification") from None

    def tell(self, device: ManagedDevice, kind: EventType) -> None:
        """Something happened to a device: every receiver that wants to know will be told."""
        self.tell_as(device, kind.value, BOX_OF[kind])

    def tell_as(self, device: ManagedDevice, event_type: str, box: Box) -> None:
        """The same, for events whose word is a knob."""
        now = self._now()
        for receiver in self.receivers.values():
            if receiver.is_active and box in receiver.boxes:
                body = notification(device, event_type, now, group=self._group, decimals=self._knobs().event_decimals)
                self._waiting.append(_Waiting(receiver, event_type, body, now))

    async def test(self, number: int) -> Sent:
        """The console's Test Connection: a GET. Raises NotFoundError."""
        return await self._send(_Waiting(self.receiver(number), TEST, {}, self._now()), "GET")

    async def send_due(self) -> None:
        """Send what is due by the tenant's clock."""
        now = self._now()
        due = [each for each in self._waiting if each.due <= now]
        for waiting in due:
            self._waiting.remove(waiting)
            sent = await self._send(waiting, "POST")
            if not sent.was_taken and waiting.attempt <= self._knobs().event_retries:
                again = now + self._knobs().event_retry_after
                self._waiting.append(
                    _Waiting(waiting.receiver, waiting.event, waiting.body, again, waiting.attempt + 1)
                )

    async def _send(self, waiting: _Waiting, method: str) -> Sent:
        receiver = waiting.receiver
        status, error = None, "the tenant has no way out"
        if self.http is not None:
            status, error = await self._exchange(self.http, waiting, method)
        body = waiting.body if method == "POST" else None
        sent = Sent(self._now(), receiver.name, receiver.url, waiting.event, waiting.attempt, body, status, error)
        self.history.append(sent)
        return sent

    async def _exchange(self, http: httpx.AsyncClient, waiting: _Waiting, method: str) -> tuple[int | None, str]:
        receiver, timeout = waiting.receiver, self._knobs().event_timeout.total_seconds()
        auth = (receiver.user, receiver.password) if receiver.user else None
        json = waiting.body if method == "POST" else None
        try:
            answer = await http.request(method, receiver.url, json=json, auth=auth, timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, str(error) or type(error).__name__
        return answer.status_code, ""
