"""Who is who in a world, for the record: every party with its addresses and host names."""

from __future__ import annotations

from lab import entra, okta
from lab.network import CUSTOM_HOST, ENTRA_HOST, GRAPH_HOST, OKTA_HOST, UEM_HOST
from lab.record import Party, PartyKind
from lab.world import World


def parties_of(world: World) -> tuple[Party, ...]:
    """The devices as they are placed now, then everybody else."""
    addresses = world.network.addresses
    devices = (
        Party(kind=PartyKind.DEVICE, name=name, addresses=(device.address,), detail=device.platform.value)
        for name, device in world.devices.items()
    )
    return (
        *devices,
        Party(kind=PartyKind.GATEWAY, name="tunnel-gateway", addresses=(world.gateway.address,)),
        Party(kind=PartyKind.EGRESS, name="egress", addresses=addresses.leaving),
        Party(kind=PartyKind.OKTA, name=okta.acme.HOST, addresses=(addresses.okta,), hosts=(OKTA_HOST, CUSTOM_HOST)),
        Party(kind=PartyKind.ENTRA, name=entra.acme.HOST, addresses=(addresses.entra,), hosts=(ENTRA_HOST, GRAPH_HOST)),
        Party(kind=PartyKind.UEM, name="UEM", addresses=(addresses.uem,), hosts=(UEM_HOST,)),
    )
