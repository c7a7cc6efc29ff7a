"""An emulated Workspace ONE UEM tenant: inventory, compliance, built-in CA, delivery of the VPN profile.

The paths below `/API` and the token endpoints answer as the product's do. What the product does in its
console or over the MDM channel stands below `/lab/`, is the lab's own, and wants its own secrets.
"""

from lab.uem.app import create_app
from lab.uem.tenant import Tenant

__all__ = ["Tenant", "create_app"]
