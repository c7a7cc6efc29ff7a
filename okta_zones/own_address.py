"""Whether a removal would lock okta-zones itself out: its credential may be bound to the very zone that it writes."""

from __future__ import annotations

from okta_zones.config import OktaSettings
from okta_zones.far_ends import OktaOrg
from okta_zones.okta.network_restriction import network_restriction
from okta_zones.opening import Opened
from okta_zones.safety import OwnAddress
from okta_zones.unreadable import Unreadable


def own_address(opened: Opened, target_id: str) -> OwnAddress:
    """What is known of it: one request where the file says which token or app it is. Raises FarEndError."""
    if not isinstance(opened.settings, OktaSettings) or not isinstance(opened.far_end, OktaOrg):
        return OwnAddress(bound=None, why="Entra does not say from where a service may come")
    restriction = network_restriction(opened.far_end.exchange, opened.settings.credential)
    if isinstance(restriction, Unreadable):
        return OwnAddress(bound=None, why=str(restriction))
    return OwnAddress(restriction.depends_on(target_id), opened.settings.own_address)
