"""Real namespaces, real packets: what leaks is seen, what is refused does not leave, and nothing stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lab.netns import namespace
from lab.netns.addressing import ADMINISTRATORS, DOCUMENTATION
from lab.netns.namespace import FOLDER, PREFIX
from lab.netns.network import NamespacedNetwork, laid_out

pytestmark = pytest.mark.anyio
PHONE = DOCUMENTATION.at_home(11)
EGRESS = DOCUMENTATION.egress[0]
OWN = Path("/proc/thread-self/ns/net")


async def open_and_close(network: NamespacedNetwork, source: str, address: str, port: int = 443) -> None:
    """Nobody listens there: the try is enough to be seen."""
    with contextlib.suppress(ConnectionRefusedError):
        await (await network.connect(source, address, port)).aclose()


async def failed(network: NamespacedNetwork) -> list[int]:
    _, sentences = await network.proved()
    return [number for number, sentence in enumerate(sentences) if not sentence.holds]


async def test_a_server_sees_the_address_that_a_device_has(network: NamespacedNetwork) -> None:
    seen = asyncio.get_running_loop().create_future()

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result((writer.get_extra_info("peername")[0], writer.get_extra_info("sockname")))
        writer.close()

    server = await asyncio.start_server(greet, sock=network.listen(DOCUMENTATION.okta, 443))
    stream = await network.connect(PHONE, DOCUMENTATION.okta, 443)
    assert await asyncio.wait_for(seen, 5) == (PHONE, (DOCUMENTATION.okta, 443))
    await stream.aclose()
    server.close()
    network.announce(PHONE, DOCUMENTATION.okta, 443, tunnelled=False)
    assert await failed(network) == []


async def test_nothing_leads_outside(network: NamespacedNetwork) -> None:
    with network.topology.parties[0].namespace.entered():
        assert [name for _, name in socket.if_nameindex()] == ["lo", "eth0"]
    with pytest.raises(OSError):
        await asyncio.wait_for(network.connect(PHONE, "192.0.2.200", 443), 2)


async def test_a_leak_made_on_purpose_is_seen(network: NamespacedNetwork) -> None:
    network.announce(PHONE, DOCUMENTATION.okta, 443, tunnelled=True)
    await open_and_close(network, PHONE, DOCUMENTATION.okta)
    captures, sentences = await network.proved()
    assert [sentence.holds for sentence in sentences] == [False, True, True]
    assert f"{PHONE}:" in sentences[0].against[0]
    assert {each.lost for each in captures} == {0}


async def test_a_gateway_that_leaves_from_its_own_address_is_seen(network: NamespacedNetwork) -> None:
    network.announce(PHONE, DOCUMENTATION.entra, 443, tunnelled=True)
    await open_and_close(network, DOCUMENTATION.gateway, DOCUMENTATION.entra)
    assert await failed(network) == [0]


async def test_bypassed_traffic_in_the_tunnel_is_seen(network: NamespacedNetwork) -> None:
    network.announce(PHONE, DOCUMENTATION.sample, 443, tunnelled=False)
    await open_and_close(network, EGRESS, DOCUMENTATION.sample)
    assert await failed(network) == [1]


async def test_quic_is_refused_where_tcp_is_tunnelled_and_nowhere_else(network: NamespacedNetwork) -> None:
    for tunnelled in (True, False, True):
        network.announce(PHONE, DOCUMENTATION.okta, 443, tunnelled=tunnelled)
    assert network.refused_quic == 2
    _, sentences = await network.proved()
    assert sentences[2].holds
    assert sentences[2].rests_on == "tries refused on the device 2; gone where TCP went direct, too, 1"


async def test_quic_that_slips_past_a_device_without_a_filter_is_seen(network: NamespacedNetwork) -> None:
    network.has_filter = False
    network.announce(PHONE, DOCUMENTATION.okta, 443, tunnelled=True)
    assert await failed(network) == [2]


async def test_a_capture_that_misses_the_end_proves_nothing(
    network: NamespacedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.netns.topology.SETTLED_WITHIN", 0.05)
    network.topology.router.configure(["link set r0 down"])
    _, sentences = await network.proved()
    assert [sentence.against for sentence in sentences] == [
        ("okta.pcap: the end was not captured: nothing is proved",)
    ] * 3


async def test_administrators_and_the_uem_reach_the_providers(network: NamespacedNetwork) -> None:
    for source in (ADMINISTRATORS, DOCUMENTATION.uem):
        await open_and_close(network, source, DOCUMENTATION.okta)
    assert await failed(network) == []


async def test_captures_are_for_their_owner_alone(network: NamespacedNetwork) -> None:
    paths = [party.capture.path for party in network.topology.parties]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


async def test_nothing_stays_when_it_goes_wrong(namespaces: None, tmp_path: Path) -> None:
    before = OWN.readlink()
    with pytest.raises(RuntimeError, match="on purpose"):
        async with laid_out(tmp_path) as network:
            await open_and_close(network, PHONE, DOCUMENTATION.okta)
            raise RuntimeError("on purpose")
    assert list(FOLDER.glob(f"{PREFIX}-{os.getpid()}-*")) == []
    assert OWN.readlink() == before


def test_what_a_killed_run_left_is_removed_by_the_next(namespaces: None) -> None:
    made = "import os; from lab.netns import namespace; print(namespace.create('left').name, flush=True); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=False)
    name = done.stdout.strip()
    assert (FOLDER / name).exists()
    own = namespace.create("own")
    try:
        namespace.remove_stale()  # another test's run may have removed it already
        assert not (FOLDER / name).exists()
        assert (FOLDER / own.name).exists(), "what is in use stays"
    finally:
        namespace.remove(own)
