"""TCP connections and UDP conversations, each with its two directions, in a table that never grows beyond its bound."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Final

from dtr_rules.hosts import Host
from dtr_rules.replay.addresses import address_of
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import NamedBy, Transport, Visit

MAX_CONVERSATIONS: Final = 20_000
"""Of each transport, at a time."""
_EVICTED_AT_ONCE: Final = 8
"""An eighth of the table goes at a time, the part that has been quiet longest."""


class Direction:
    """One direction of a conversation. `feed` is None once its content does not matter any more."""

    __slots__ = ("bytes", "conversation", "feed", "key", "last", "packets")

    def __init__(self, conversation: Conversation, key: bytes) -> None:
        self.conversation = conversation
        self.key = key
        self.packets = 0
        self.bytes = 0
        self.last = 0
        """The number of its last packet."""
        self.feed: Callable[[int, bytes], None] | None = None
        """Takes a segment's sequence number (0 for UDP) and its content."""


class Conversation:
    """What is known of a conversation. `up` is the client's direction; keys are addresses and ports as on the wire."""

    __slots__ = (
        "address", "client", "down", "ech", "first", "held", "host", "named_by", "port", "transport", "up",
        "user_agent",
    )  # fmt: skip

    def __init__(self, transport: Transport, client: bytes, server: bytes, ports: bytes) -> None:
        """`ports` are the client's and the server's, two bytes each."""
        self.transport = transport
        self.client = client
        self.address = server
        self.port = int.from_bytes(ports[2:], "big")
        self.first: int | None = None
        """The client's initial sequence number, where its SYN was seen."""
        self.host: Host | None = None
        self.named_by = NamedBy.ADDRESS
        self.user_agent: str | None = None
        self.ech = False
        self.held = 0
        """Bytes that are kept to find its name."""
        self.up = Direction(self, client + server + ports)
        self.down = Direction(self, server + client + ports[2:] + ports[:2])

    def name(self, host: Host, named_by: NamedBy) -> None:
        self.host, self.named_by = host, named_by

    def turn(self) -> None:
        """The server turned out to be the client."""
        self.port = int.from_bytes(self.up.key[-4:-2], "big")
        self.client, self.address = self.address, self.client
        self.up, self.down = self.down, self.up

    def stop_looking(self) -> None:
        """Nothing more is to be learnt from what is sent."""
        self.up.feed = self.down.feed = None

    @property
    def last(self) -> int:
        return max(self.up.last, self.down.last)

    def visit(self) -> Visit:
        address = address_of(self.address)
        return Visit(
            host=self.host or address,
            port=self.port,
            transport=self.transport,
            named_by=self.named_by,
            address=address,
            client=address_of(self.client),
            user_agent=self.user_agent,
            packets=self.up.packets + self.down.packets,
            bytes_up=self.up.bytes,
            bytes_down=self.down.bytes,
            encrypted_client_hello=self.ech,
        )


class Table:
    """The conversations of one transport, found by the key of either direction."""

    def __init__(
        self, reading: Reading, release: Callable[[Conversation], None], limit: int = MAX_CONVERSATIONS
    ) -> None:
        """`release` is told of every conversation that is let go."""
        self.directions: dict[bytes, Direction] = {}
        self.finished: list[Visit] = []
        """What the table let go, to be fetched."""
        self._conversations: dict[Conversation, None] = {}
        self._reading = reading
        self._release = release
        self._limit = limit

    def add(self, conversation: Conversation) -> None:
        if len(self._conversations) >= self._limit:
            self._evict()
        old = self.directions.get(conversation.up.key)
        if old is not None:
            self.remove(old.conversation)
        self._conversations[conversation] = None
        self.directions[conversation.up.key] = conversation.up
        self.directions[conversation.down.key] = conversation.down

    def remove(self, conversation: Conversation) -> None:
        """Count a conversation as finished."""
        self._release(conversation)
        del self._conversations[conversation]
        del self.directions[conversation.up.key]
        self.directions.pop(conversation.down.key, None)  # the same key where both ends are one
        self.finished.append(conversation.visit())

    def rest(self) -> Iterator[Visit]:
        """What is still in the table, in the order it came."""
        yield from self.finished
        self.finished.clear()
        for conversation in list(self._conversations):
            self.remove(conversation)
            yield self.finished.pop()

    def _evict(self) -> None:
        count = max(1, self._limit // _EVICTED_AT_ONCE)
        for conversation in heapq.nsmallest(count, self._conversations, key=lambda each: each.last):
            self.remove(conversation)
            self._reading.leave_out(LeftOut.CONVERSATIONS_EVICTED)
