"""The admin endpoint: what an operator and the zone controller on the same machine may ask of a running gateway.

`endpoints.py` names every path and the function behind it; `guard.py` says who may ask at all.
"""

from tunnel_gateway.admin.app import admin_app
from tunnel_gateway.admin.running import Running
from tunnel_gateway.admin.server import AdminServer

__all__ = ["AdminServer", "Running", "admin_app"]
