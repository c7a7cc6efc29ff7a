"""The gateway: it admits a device by its client certificate and its posture, applies the device traffic rules once
more, and leaves from a known egress address.

mitmproxy's core carries the connections; every decision is made here, before anything is dialled, and each one ends
with a reason from `tunnel_gateway.reasons`.
"""
