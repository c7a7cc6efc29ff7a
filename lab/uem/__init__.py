"""An emulated Workspace ONE UEM tenant: inventory, compliance, built-in CA, profiles and apps, event notifications.

The paths below `/API` and the token endpoints answer as the product's do. What the product does in its
console or over the MDM channel stands below `/lab/`, is the lab's own, and wants its own secrets.
"""

from lab.uem.app import create_app
from lab.uem.knobs import Knobs, Outage
from lab.uem.server import UemServer
from lab.uem.tenant import Tenant

__all__ = ["Knobs", "Outage", "Tenant", "UemServer", "create_app"]
