"""From the configuration to what can be asked: the sources, and the targets with their connections."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from okta_zones.config import OktaSettings, Settings, TargetSettings
from okta_zones.errors import Refusal
from okta_zones.exchange.throttle import Hold
from okta_zones.far_ends import EntraTenant, FarEnds, OktaOrg
from okta_zones.graph.locations import LocationTarget
from okta_zones.needs import Verb
from okta_zones.okta.zones import ZoneTarget
from okta_zones.ownership import Ownership
from okta_zones.sources.address_file import AddressFile
from okta_zones.sources.command import Command
from okta_zones.sources.gateway import Gateway
from okta_zones.sources.listed import Listed
from okta_zones.sources.names import Names
from okta_zones.sources.okta_log import OktaLog
from okta_zones.sources.report import Source
from okta_zones.target import Target


@dataclass(frozen=True, slots=True)
class Opened:
    """A target with what the file says of it, and the org or tenant that it is in."""

    name: str
    kind: str
    scope: str
    """The org or tenant, as the journal knows it."""
    lookup: str
    """The name or pinned id by which the file calls it."""
    pinned: bool
    ownership: Ownership
    target: Target
    settings: TargetSettings
    far_end: OktaOrg | EntraTenant


def sources_of(
    settings: Settings,
    targets: Sequence[Opened] = (),
    *,
    addresses: str | None = None,
    output: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> tuple[Source, ...]:
    """The sources of the file, and `addresses`: a file of addresses or `-`; `output` names Terraform's output in it.

    The System Log of a target is asked through `targets`.
    """
    asked = settings.sources
    found: list[Source] = [] if asked.addresses is None else [Listed(asked.addresses)]
    found += [Gateway(each.admin, each.token, transport) for each in asked.gateways]
    if asked.command is not None:
        found.append(Command(asked.command.command, asked.command.timeout, asked.command.output))
    if asked.names:
        found.append(Names(asked.names))
    if (log := asked.okta_log) is not None:
        orgs = [each.far_end.exchange for each in targets if each.name == log.target]
        found += [OktaLog(log.target, exchange, log.user, log.within) for exchange in orgs]
    if addresses is not None:
        found.append(AddressFile(addresses, sys.stdin.buffer, output))
    return tuple(found)


@contextmanager
def opened(
    settings: Settings,
    verb: Verb,
    *,
    accepted: frozenset[Refusal] = frozenset(),
    transport: httpx.BaseTransport | None = None,
    hold: Hold | None = None,
) -> Iterator[tuple[Opened, ...]]:
    """The targets, ready to be asked for what `verb` needs; their connections are closed at the end.

    `accepted` are dangers that somebody has accepted beside those of the file.
    """
    accepted |= settings.accepted
    with FarEnds(verb, settings.requests, transport=transport, hold=hold) as far_ends:
        yield tuple(_open(each, far_ends, accepted) for each in settings.targets)


def _open(settings: TargetSettings, far_ends: FarEnds, accepted: frozenset[Refusal]) -> Opened:
    if isinstance(settings, OktaSettings):
        org = far_ends.okta(settings)
        return Opened(
            name=settings.name,
            kind="okta",
            scope=settings.org_url,
            lookup=settings.zone_id or settings.zone or "",
            pinned=settings.zone_id is not None,
            ownership=settings.ownership,
            target=ZoneTarget(org.exchange, settings.zone, settings.zone_id, accepted),
            settings=settings,
            far_end=org,
        )
    tenant = far_ends.entra(settings)
    return Opened(
        name=settings.name,
        kind="entra",
        scope=settings.tenant,
        lookup=settings.location_id or settings.location or "",
        pinned=settings.location_id is not None,
        ownership=settings.ownership,
        target=LocationTarget(tenant.exchange, settings.location, settings.location_id),
        settings=settings,
        far_end=tenant,
    )
