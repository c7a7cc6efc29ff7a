"""A local HTTP proxy through which any program becomes an app of a device.

Each CONNECT is routed by the rules that are installed at that moment: into the tunnel, direct, or nowhere. What the
gateway refuses is answered as the gateway said it.
"""

from lab.device.proxy.server import DeviceProxy, NotLoopbackError, check_loopback

__all__ = ["DeviceProxy", "NotLoopbackError", "check_loopback"]
