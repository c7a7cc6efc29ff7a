"""A local HTTP proxy through which any program becomes an app of a device.

`async with DeviceProxy(device, app, loopback_socket()) as proxy` listens at `proxy.url` and serves `proxy.pac_url`.

Each CONNECT is routed by the rules that are installed at that moment: into the tunnel, direct, or nowhere. What the
gateway refuses is answered as the gateway said it.
"""

from lab.device.proxy.server import DeviceProxy, NotLoopbackError, loopback_socket

__all__ = ["DeviceProxy", "NotLoopbackError", "loopback_socket"]
