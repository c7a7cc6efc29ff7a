"""Who sent to whom, by TCP or UDP: what captures are about."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.replay.ip_layer import UDP


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """One direction between two sockets."""

    protocol: int
    source: str
    source_port: int
    target: str
    target_port: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first packet of a way in a capture: the file's name and the packet's number in it, from 1."""

    way: Way
    file: str
    number: int

    def __str__(self) -> str:
        way = self.way
        name = "UDP" if way.protocol == UDP else "TCP"
        return (
            f"{self.file} packet {self.number}: {name} {way.source}:{way.source_port} > {way.target}:{way.target_port}"
        )
