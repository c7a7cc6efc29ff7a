"""Names to addresses: the hosts file, the memory within the time to live, and name servers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import dns.rcode
import pytest
from name_server import NameServer, name_server

from tunnel_gateway.hosts_file import HostsFile
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.resolver import MAX_NAMES, Resolver

ADDRESSES = ["203.0.113.5", "203.0.113.6", "2001:db8::5"]
V4, V6 = frozenset({4}), frozenset({4, 6})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _run(
    test: Callable[[Resolver, NameServer, Clock], Awaitable[None]],
    tmp_path: Path,
    *,
    versions: frozenset[int] = V4,
    hosts: str = "",
) -> None:
    (tmp_path / "hosts").write_text(hosts)

    async def main() -> None:
        clock = Clock()
        async with (
            name_server(acme__example=["203.0.113.5", "203.0.113.6", "2001:db8::5"]) as server,
            asyncio.timeout(5),
        ):
            files = HostsFile(tmp_path / "hosts")
            await test(Resolver(1.0, versions, [server.address], files, clock), server, clock)

    asyncio.run(main())


async def _words(resolver: Resolver, name: str) -> str:
    with pytest.raises(RefusalError) as refusal:
        await resolver.addresses(name)
    assert refusal.value.reason is Reason.RESOLUTION_FAILED
    return refusal.value.detail


def test_every_address_of_the_versions_that_leave_here(tmp_path: Path) -> None:
    async def only_four(resolver: Resolver, server: NameServer, _: Clock) -> None:
        assert {str(each) for each in await resolver.addresses("acme.example")} == {"203.0.113.5", "203.0.113.6"}
        assert set(server.asked) == {"acme.example A"}

    async def both(resolver: Resolver, server: NameServer, _: Clock) -> None:
        assert {str(each) for each in await resolver.addresses("acme.example")} == set(ADDRESSES)

    _run(only_four, tmp_path)
    _run(both, tmp_path, versions=V6)


def test_answer_counts_for_its_time_to_live(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, clock: Clock) -> None:
        server.ttl = 30
        await resolver.addresses("acme.example")
        server.names["acme.example"] = ["203.0.113.99"]
        clock.now += 29.5
        assert len(await resolver.addresses("acme.example")) == 2
        clock.now += 1
        assert [str(each) for each in await resolver.addresses("acme.example")] == ["203.0.113.99"]
        assert server.asked["acme.example A"] == 2

    _run(test, tmp_path)


def test_answer_without_time_to_live_is_not_kept(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        server.ttl = 0
        await resolver.addresses("acme.example")
        await resolver.addresses("acme.example")
        assert server.asked["acme.example A"] == 2

    _run(test, tmp_path)


def test_many_who_ask_at_once_are_one_question(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        await asyncio.gather(*(resolver.addresses("acme.example") for _ in range(50)))
        assert server.asked["acme.example A"] == 1

    _run(test, tmp_path)


def test_one_who_stops_waiting_does_not_stop_the_others(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        first = asyncio.ensure_future(resolver.addresses("acme.example"))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(resolver.addresses("acme.example"))
        await asyncio.sleep(0)
        first.cancel()
        assert len(await second) == 2

    _run(test, tmp_path)


@pytest.mark.parametrize(
    ("name", "rcode", "words", "kept"),
    [
        pytest.param("nobody.example", dns.rcode.NOERROR, "does not exist", 9.0, id="no-name"),
        pytest.param("six.example", dns.rcode.NOERROR, "has no address", 9.0, id="no-address"),
        pytest.param("acme.example", dns.rcode.SERVFAIL, "gives no answer", 1.5, id="server-failure"),
        pytest.param("acme.example", dns.rcode.REFUSED, "gives no answer", 1.5, id="refused"),
    ],
)
def test_failures_are_remembered_briefly(
    tmp_path: Path, name: str, rcode: dns.rcode.Rcode, words: str, kept: float
) -> None:
    async def test(resolver: Resolver, server: NameServer, clock: Clock) -> None:
        server.names["six.example"] = ["2001:db8::6"]
        server.rcode = rcode
        assert words in await _words(resolver, name)
        asked = server.asked.total()
        clock.now += kept
        assert words in await _words(resolver, name)
        assert server.asked.total() == asked
        clock.now += 2
        server.rcode, server.names[name] = dns.rcode.NOERROR, ["203.0.113.7"]
        assert [str(each) for each in await resolver.addresses(name)] == ["203.0.113.7"]

    _run(test, tmp_path)


def test_name_server_that_says_nothing_is_given_up_in_time(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        server.silent = True
        assert "in time" in await _words(resolver, "acme.example")

    _run(test, tmp_path)


def test_hosts_file_comes_first_and_is_read_anew(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        found = await resolver.addresses("acme.example")
        assert [str(each) for each in found] == ["198.51.100.1", "198.51.100.2"]
        assert not server.asked
        (tmp_path / "other").write_text("198.51.100.3 acme.example")
        (tmp_path / "other").replace(tmp_path / "hosts")
        assert [str(each) for each in await resolver.addresses("acme.example")] == ["198.51.100.3"]

    hosts = "# a comment\n198.51.100.1\tAcme.Example acme # more\njunk acme.example\n198.51.100.2 acme.example\n"
    _run(test, tmp_path, hosts=hosts)


def test_memory_is_bounded(tmp_path: Path) -> None:
    async def test(resolver: Resolver, server: NameServer, _: Clock) -> None:
        known = resolver._none("x", 10)
        for number in range(MAX_NAMES + 100):
            resolver._remember(f"{number}.example", known)
        assert len(resolver._known) == MAX_NAMES

    _run(test, tmp_path)
