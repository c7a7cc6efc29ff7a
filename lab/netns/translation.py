"""Scenario files name loopback addresses; in namespaces the parties have others."""

from __future__ import annotations

import re
from typing import Final

from lab.netns.addressing import DOCUMENTATION
from lab.network import LOOPBACK

_BLOCKS: Final = {
    LOOPBACK.egress_block: DOCUMENTATION.egress_block,
    LOOPBACK.devices: DOCUMENTATION.devices,
    LOOPBACK.office: DOCUMENTATION.office,
    LOOPBACK.servers: DOCUMENTATION.servers,
}
_ADDRESS: Final = re.compile(r"\b127\.4[0-4]\.0\.(\d{1,3})\b(/24\b)?")


def translated(text: str) -> str:
    """`text` with the lab's loopback addresses and blocks as what they are in namespaces."""
    return _ADDRESS.sub(_translate, text)


def _translate(found: re.Match[str]) -> str:
    if found[0] in _BLOCKS:
        return _BLOCKS[found[0]]
    if found[0] == LOOPBACK.gateway:
        return DOCUMENTATION.gateway
    for ours, theirs in _BLOCKS.items():
        if ours.rpartition(".")[0] == found[0].partition("/")[0].rpartition(".")[0]:
            first = int(theirs.partition("/")[0].rpartition(".")[2])
            return f"{theirs.rpartition('.')[0]}.{first + int(found[1])}{found[2] or ''}"
    return found[0]
