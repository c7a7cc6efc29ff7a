"""What a device can be told, where no public source says what the real one does."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules import Platform


@dataclass(frozen=True, slots=True)
class Knobs:
    """Set when the device is made."""

    cut_off_without_tunnel_app: frozenset[Platform] = frozenset({Platform.IOS, Platform.ANDROID})
    """Where a connection that would be tunnelled does not get out once the Tunnel app is removed; elsewhere it goes
    direct. Not confirmed for this product; of another vendor's per-app tunnel on iOS the manual says that such apps
    "do not function". Either way the user is locked out of a gated Okta: by a time-out, or by a denial."""

    detects_trusted_networks: frozenset[Platform] = frozenset(Platform)
    """Where the Tunnel client stands down on a trusted network. Documented for Windows and Android."""
