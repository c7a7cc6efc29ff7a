"""How fast `dtr replay` reads, and how much memory it takes.

    python tests/bench/replay.py [--megabytes 1000] [--directory /tmp]

Makes captures of mostly bulk packets (1,400 bytes down, an acknowledgement up for every second one; IPv4 and IPv6;
every connection begins with DNS and a real ClientHello), replays each in a process of its own, and removes them.
Seconds are CPU seconds, user and system together, start and report included. Beside the rate stand scapy's raw reader
alone on the same file and a look-up in a dict on this machine.
"""

from __future__ import annotations

import argparse
import platform
import struct
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Iterator
from pathlib import Path

import typer
from captures import CLIENT, CLIENT6, RESOLVER, client_hello, dns_answer, ethernet, tcp_talk, udp
from scapy.utils import RawPcapReader

ROOT = Path(__file__).parents[2]
RULES = ROOT / "lab" / "demo-rules.yaml"
CONNECTIONS, AT_ONCE, PAYLOAD = 2_000, 50, 1_400
TARGET_RATE, TARGET_MEMORY = 200_000, 150


def openings() -> list[list[bytes]]:
    """How each connection begins: frames of DNS, handshake and ClientHello, and the templates of its bulk packets."""
    hello, made = client_hello("acme.okta.com"), []
    for number in range(CONNECTIONS):
        six = number % 4 == 0
        server = f"2001:db8:1::{number:x}" if six else f"203.0.{number // 250}.{number % 250 + 1}"
        name = f"h{number}.example"
        answer = dns_answer(name, (name, "AAAA" if six else "A", server))
        talk = tcp_talk(
            [hello], client=CLIENT6 if six else CLIENT, server=server, client_port=10_000 + number,
            answer=b"x" * PAYLOAD,
        )  # fmt: skip
        lookup = udp(answer, source=RESOLVER, target=CLIENT, ports=(53, 10_000 + number))
        made.append(ethernet([lookup, *talk, talk[2]]))
    return made


def frames(size: int) -> Iterator[bytes]:
    """Frames of about `size` bytes in all: connections side by side, AT_ONCE at a time."""
    made, written = openings(), 0
    each = size // (CONNECTIONS // AT_ONCE)
    for first in range(0, CONNECTIONS, AT_ONCE):
        group = made[first : first + AT_ONCE]
        for opening in group:
            yield from opening[:-2]
        start, bulk = written, [(opening[-2], opening[-1]) for opening in group]
        while written - start < each:
            for down, up in bulk:
                yield down
                yield down
                yield up
                written += 2 * len(down) + len(up)


def write(path: Path, size: int, kind: str) -> None:
    with path.open("wb", buffering=1 << 20) as file:
        if kind == "pcap":
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
            for frame in frames(size):
                file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
            return
        file.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
        file.write(struct.pack("<IIHHII", 1, 20, 1, 0, 262_144, 20))
        for frame in frames(size):
            padded = frame + bytes(-len(frame) % 4)
            length = struct.pack("<I", 32 + len(padded))
            file.write(b"\6\0\0\0" + length + struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + padded + length)


def replayed(path: Path) -> tuple[int, float, float]:
    """Packets, CPU seconds and MB at most of a whole `dtr replay`, its start included."""
    code = (
        "import json, resource, sys; from dtr_rules.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "replay", str(RULES), str(path), "--platform", "ios"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    seconds, memory = map(float, ran.stderr.split())
    packets = int(ran.stdout.split(" packets")[0].rsplit(" ", 1)[-1].replace(",", ""))
    return packets, seconds, memory


def reader_alone(path: Path) -> float:
    """CPU seconds of scapy's raw reader alone."""
    before = time.process_time()
    with path.open("rb", buffering=1 << 20) as file:
        for _packet in RawPcapReader(file):  # type: ignore[arg-type]
            pass
    return time.process_time() - before


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--megabytes", type=int, default=1000)
    arguments.add_argument("--directory", type=Path)
    asked = arguments.parse_args()
    table = dict.fromkeys(range(1000))
    lookup = min(timeit.repeat(lambda: table.get(77), number=100_000, repeat=5)) * 10_000
    typer.echo(f"{platform.machine()}, Python {platform.python_version()}, a dict look-up: {lookup:.0f} ns")
    good = True
    for kind in ("pcap", "pcapng"):
        with tempfile.TemporaryDirectory(dir=asked.directory) as name:
            path = Path(name, f"bulk.{kind}")
            write(path, asked.megabytes * 1_000_000, kind)
            packets, seconds, memory = replayed(path)
            alone = reader_alone(path)
            rate = packets / seconds
            typer.echo(
                f"{kind}: {path.stat().st_size / 1e6:,.0f} MB, {packets:,} packets in {seconds:.2f} s: "
                f"{rate:,.0f} packets/s, {memory:.0f} MB at most; scapy's reader alone {packets / alone:,.0f} packets/s"
            )
            good = good and rate >= TARGET_RATE and memory <= TARGET_MEMORY
    typer.echo(f"targets: {TARGET_RATE:,} packets/s, {TARGET_MEMORY} MB: {'reached' if good else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
