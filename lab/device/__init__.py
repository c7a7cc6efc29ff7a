"""A simulated device: an installed VPN profile, a Tunnel client that obeys it, apps that sign in over it.

The client speaks the gateway's own protocol: TLS with the device's certificate, then CONNECT. It decides by
the *installed* rule set, as the product's clients do, and never falls from tunnel to direct.
"""

from lab.device.apps import App, AppUnknownError, Surface, apps_on, find_app
from lab.device.device import Device
from lab.device.knobs import Knobs
from lab.device.profile import InstalledProfile, PinnedGateway
from lab.device.refusal import Refusal, TunnelRefusedError
from lab.device.routing import Path, Route
from lab.device.running_app import NotSignedInError, RunningApp, Use
from lab.device.transport import Attempt, Exchange

__all__ = [
    "App",
    "AppUnknownError",
    "Attempt",
    "Device",
    "Exchange",
    "InstalledProfile",
    "Knobs",
    "NotSignedInError",
    "Path",
    "PinnedGateway",
    "Refusal",
    "Route",
    "RunningApp",
    "Surface",
    "TunnelRefusedError",
    "Use",
    "apps_on",
    "find_app",
]
