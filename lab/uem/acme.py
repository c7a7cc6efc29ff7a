"""The Tunnel as Acme's administrators have set it up: one rule set, one profile for each platform.

Beside them, where there are rules for it, a compliance profile for each platform: what a policy installs on a device
that breaks it, such as the way to internal hosts alone.
"""

from __future__ import annotations

from typing import Final

from lab.uem.compliance.policy import TUNNEL
from lab.uem.inventory import DevicePlatform
from lab.uem.profile import Assignment, TunnelGateway, TunnelProfile
from lab.uem.tenant import PROFILE_ID, Tenant

RESTRICTED: Final = "Tunnel, restricted"
"""The name of the compliance profiles, and of their rule set."""
PLATFORMS: Final = (DevicePlatform.APPLE, DevicePlatform.ANDROID, DevicePlatform.WINDOWS, DevicePlatform.MACOS)
RESTRICTED_ID: Final = PROFILE_ID + 10


def provide_tunnel(tenant: Tenant, gateway: TunnelGateway, rules: str, restricted: str = "") -> None:
    """Save the rule set `rules` as `Tunnel`, and its profiles; with `restricted`, the compliance profiles too.

    Raises dtr_rules.UnusableFileError for rules that cannot be used.
    """
    tenant.save(TUNNEL, rules)
    _add(tenant, gateway, TUNNEL, Assignment.AUTO, PROFILE_ID)
    if restricted:
        tenant.save(RESTRICTED, restricted)
        _add(tenant, gateway, RESTRICTED, Assignment.COMPLIANCE, RESTRICTED_ID)


def _add(tenant: Tenant, gateway: TunnelGateway, name: str, assignment: Assignment, first_id: int) -> None:
    for number, platform in enumerate(PLATFORMS):
        tenant.delivery.add_profile(TunnelProfile(first_id + number, name, platform, name, gateway, assignment))
