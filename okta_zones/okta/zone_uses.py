"""Everybody who names a zone, as far as it can be looked at: who would feel a change of it."""

from __future__ import annotations

from dataclasses import dataclass

from okta_zones.exchange import Exchange
from okta_zones.okta.api_tokens import api_tokens_naming_zone
from okta_zones.okta.policies import rules_naming_zone
from okta_zones.okta.threat_insight import threat_insight_naming_zone
from okta_zones.okta.zone_use import ZoneUse
from okta_zones.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class ZoneUses:
    """Who names the zone, and what could not be looked at."""

    uses: tuple[ZoneUse, ...]
    unread: tuple[Unreadable, ...]


def uses_of_zone(exchange: Exchange, zone_id: str) -> ZoneUses:
    """The rules of policies, API tokens and ThreatInsight that name the zone. Raises FarEndError."""
    uses, unread = rules_naming_zone(exchange, zone_id)
    for found in (api_tokens_naming_zone(exchange, zone_id), threat_insight_naming_zone(exchange, zone_id)):
        if isinstance(found, Unreadable):
            unread = (*unread, found)
        else:
            uses = (*uses, *found)
    return ZoneUses(uses, unread)
