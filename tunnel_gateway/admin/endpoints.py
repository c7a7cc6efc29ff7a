"""Every path of the admin endpoint, and the function that answers it. What a new verb asks for is entered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tunnel_gateway.admin import blocks, decisions, egress, maintenance, reload, status, tunnels
from tunnel_gateway.admin.asked import Endpoint

ENDPOINTS: Final[Mapping[tuple[str, str], Endpoint]] = {
    ("GET", "/status"): status.show,
    ("GET", "/tunnels"): tunnels.show,
    ("POST", "/tunnels/cut"): tunnels.cut,
    ("GET", "/blocks"): blocks.show,
    ("POST", "/blocks"): blocks.block,
    ("POST", "/blocks/allow"): blocks.allow,
    ("POST", "/maintenance"): maintenance.announce,
    ("GET", "/decisions"): decisions.show,
    ("GET", "/egress"): egress.show,
    ("POST", "/egress"): egress.switch,
    ("POST", "/reload"): reload.reload,
}
