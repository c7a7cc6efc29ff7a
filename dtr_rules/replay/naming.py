"""Find the name that a conversation is about: TLS server name, HTTP host, QUIC server name, else a DNS answer.

Looking takes memory for the first bytes of a connection. The sum of it is bounded; the oldest give up first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from dtr_rules.client_hello import ClientHello, ClientHelloError, ClientHelloReader
from dtr_rules.hosts import HostError, Name, parse_host
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.byte_stream import GapError, TcpStream
from dtr_rules.replay.conversations import Conversation, Direction
from dtr_rules.replay.dns_answer import DnsError, parse_answer
from dtr_rules.replay.http_head import HttpHead, HttpHeadError, HttpHeadReader
from dtr_rules.replay.quic_initial import QuicError, QuicInitialReader, QuicVersionError, is_long_header
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import NamedBy

DNS_PORT: Final = 53
MAX_HELD: Final = 8 << 20
"""Bytes that all conversations together may keep while their names are looked for."""
_TLS_HANDSHAKE: Final = 22


class Naming:
    """Names for the conversations of one capture. `names` lasts longer: captures may follow one another."""

    def __init__(self, names: Names, reading: Reading, max_held: int = MAX_HELD) -> None:
        self._names = names
        self._reading = reading
        self._max_held = max_held
        self._held = 0
        self._holders: OrderedDict[Conversation, None] = OrderedDict()

    def tcp(self, conversation: Conversation) -> None:
        """Look for the name of a new TCP connection. Without its SYN, either side may turn out to be the client."""
        self._by_dns(conversation)
        if conversation.port == DNS_PORT:
            conversation.down.feed = _DnsStream(self, conversation)
            return
        first, up = conversation.first, conversation.up
        up.feed = _TcpName(self, conversation, up, None if first is None else first + 1)
        if first is None:
            conversation.down.feed = _TcpName(self, conversation, conversation.down, None)

    def udp(self, conversation: Conversation, datagram: bytes, *, from_client: bool) -> None:
        """Look for the name of a new UDP conversation whose first datagram is this."""
        self._by_dns(conversation)
        if conversation.port == DNS_PORT:
            conversation.down.feed = self.dns
        elif from_client and is_long_header(datagram):
            conversation.up.feed = _QuicName(self, conversation)

    def _by_dns(self, conversation: Conversation) -> None:
        name = self._names.of(conversation.address)
        if name is not None:
            conversation.name(name, NamedBy.DNS)

    def dns(self, _sequence: int, message: bytes) -> None:
        """Learn from a DNS message."""
        try:
            answer = parse_answer(message)
        except DnsError:
            self._reading.leave_out(LeftOut.BROKEN_DNS)
        except HostError:
            self._reading.leave_out(LeftOut.BAD_NAMES)
        else:
            if answer is not None:
                self._names.learn(answer)

    def heard(self, conversation: Conversation, hello: ClientHello, named_by: NamedBy) -> None:
        """A ClientHello is there."""
        conversation.ech = hello.encrypted_client_hello
        self.release(conversation)
        if hello.server_name is None:
            return
        try:
            host = parse_host(hello.server_name)
        except HostError:
            self._reading.leave_out(LeftOut.BAD_NAMES)
            return
        if isinstance(host, Name):  # RFC 6066, 3: an address is no server name
            conversation.name(host, named_by)

    def give_up(self, conversation: Conversation, why: LeftOut | None) -> None:
        """Nothing can be found out any more."""
        if why is not None:
            self._reading.leave_out(why)
        self.release(conversation)

    def hold(self, conversation: Conversation, held: int) -> None:
        """A conversation keeps so many bytes now."""
        self._held += held - conversation.held
        conversation.held = held
        if held:
            self._holders[conversation] = None
        while self._held > self._max_held:
            self.give_up(next(iter(self._holders)), LeftOut.STREAMS_GIVEN_UP)

    def release(self, conversation: Conversation) -> None:
        """Stop looking, and let go of what was kept for it."""
        conversation.stop_looking()
        self._held -= conversation.held
        conversation.held = 0
        self._holders.pop(conversation, None)

    def ended(self, conversation: Conversation) -> None:
        """The conversation is over; where bytes are still kept, some were missing."""
        self.give_up(conversation, LeftOut.STREAM_GAPS if conversation.held else None)


class _TcpName:
    """The name in what one side of a TCP connection says first."""

    __slots__ = ("_conversation", "_direction", "_known_start", "_naming", "_reader", "_stream")

    def __init__(self, naming: Naming, conversation: Conversation, direction: Direction, first: int | None) -> None:
        self._naming = naming
        self._conversation = conversation
        self._direction = direction
        self._known_start = first is not None
        self._stream = TcpStream(first)
        self._reader: ClientHelloReader | HttpHeadReader | None = None

    def __call__(self, sequence: int, data: bytes) -> None:
        if not data:
            return
        try:
            fresh = self._stream.add(sequence, data)
            found = self._read(fresh) if fresh else None
        except ClientHelloError:
            self._stop(LeftOut.BROKEN_HELLOS)
        except GapError:
            self._stop(LeftOut.STREAM_GAPS)
        except HttpHeadError:
            self._stop(None)
        else:
            if found is None:
                kept = 0 if self._reader is None else self._reader.held
                self._naming.hold(self._conversation, self._stream.held + kept)
            else:
                self._found(found)

    def _read(self, data: bytes) -> ClientHello | HttpHead | None:
        if self._reader is None:
            self._reader = ClientHelloReader() if data[0] == _TLS_HANDSHAKE else HttpHeadReader()
        return self._reader.feed(data)

    def _found(self, found: ClientHello | HttpHead) -> None:
        conversation = self._conversation
        if self._direction is not conversation.up:
            conversation.turn()
        if isinstance(found, ClientHello):
            self._naming.heard(conversation, found, NamedBy.SNI)
            return
        conversation.name(found.host, NamedBy.HTTP)
        conversation.port = found.port or conversation.port
        conversation.user_agent = found.user_agent
        self._naming.release(conversation)

    def _stop(self, why: LeftOut | None) -> None:
        """This side says no name. In the middle of a connection the other one may still do so."""
        self._direction.feed = None
        other = self._conversation.down if self._direction is self._conversation.up else self._conversation.up
        if other.feed is None or self._known_start:
            self._naming.give_up(self._conversation, why if self._known_start else None)


class _QuicName:
    """The name in a client's QUIC Initial packets."""

    __slots__ = ("_conversation", "_naming", "_reader")

    def __init__(self, naming: Naming, conversation: Conversation) -> None:
        self._naming = naming
        self._conversation = conversation
        self._reader = QuicInitialReader()

    def __call__(self, _sequence: int, datagram: bytes) -> None:
        try:
            hello = self._reader.feed(datagram)
        except QuicVersionError:
            self._naming.give_up(self._conversation, LeftOut.OTHER_QUIC)
        except (QuicError, ClientHelloError):
            self._naming.give_up(self._conversation, LeftOut.UNREADABLE_QUIC)
        else:
            if hello is None:
                self._naming.hold(self._conversation, self._reader.held)
            else:
                self._naming.heard(self._conversation, hello, NamedBy.QUIC)


class _DnsStream:
    """DNS answers over TCP: each behind its length (RFC 7766, 8)."""

    __slots__ = ("_conversation", "_data", "_naming", "_stream")

    def __init__(self, naming: Naming, conversation: Conversation) -> None:
        self._naming = naming
        self._conversation = conversation
        self._stream = TcpStream(None)
        self._data = bytearray()

    def __call__(self, sequence: int, data: bytes) -> None:
        if not data:
            return
        try:
            self._data += self._stream.add(sequence, data)
        except GapError:
            self._naming.give_up(self._conversation, LeftOut.STREAM_GAPS)
            return
        while len(self._data) >= 2 and len(self._data) >= (end := 2 + int.from_bytes(self._data[:2], "big")):
            self._naming.dns(0, bytes(self._data[2:end]))
            del self._data[:end]
        self._naming.hold(self._conversation, self._stream.held + len(self._data))
