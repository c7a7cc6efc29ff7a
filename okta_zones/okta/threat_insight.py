"""Whether ThreatInsight leaves a zone alone: `GET /api/v1/threats/configuration` (Okta API docs)."""

from __future__ import annotations

from typing import Final

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.needs import THREAT_INSIGHT_READ
from okta_zones.okta.transport import SERVICE
from okta_zones.okta.zone_use import How, ZoneUse
from okta_zones.unreadable import Unreadable, or_unreadable

PATH: Final = "/api/v1/threats/configuration"


def threat_insight_naming_zone(exchange: Exchange, zone_id: str) -> tuple[ZoneUse, ...] | Unreadable:
    """ThreatInsight, where it excludes the zone: no address of it is then logged or blocked. Raises FarEndError."""
    return or_unreadable("ThreatInsight", THREAT_INSIGHT_READ, lambda: _look(exchange, zone_id))


def _look(exchange: Exchange, zone_id: str) -> tuple[ZoneUse, ...]:
    found = exchange.read(PATH).json
    if not isinstance(found, dict):
        raise StrangeAnswerError(SERVICE, f"{PATH} is not a configuration")
    excluded = found.get("excludeZones")
    if not isinstance(excluded, list) or zone_id not in excluded:
        return ()
    return (ZoneUse("THREAT_INSIGHT", "", "ThreatInsight", How.EXCLUDE, active=found.get("action") != "none"),)
