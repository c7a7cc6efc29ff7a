"""A simulated device: an installed VPN profile, a Tunnel client that obeys it, apps that sign in over it.

The client speaks the gateway's own protocol: TLS with the device's certificate, then CONNECT. It decides by
the *installed* rule set, as the product's clients do, and never falls from tunnel to direct.
"""

from lab.device.device import Device
from lab.device.profile import InstalledProfile, PinnedGateway
from lab.device.refusal import Refusal, TunnelRefusedError
from lab.device.routing import Path, Route

__all__ = ["Device", "InstalledProfile", "Path", "PinnedGateway", "Refusal", "Route", "TunnelRefusedError"]
