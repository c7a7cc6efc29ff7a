"""Microsoft Entra, emulated: sign-in with OpenID Connect, conditional access, and the part of Graph around it.

What is documented of the service is copied; what is not confirmed has a knob (`Knobs`) or says that its wording is
the lab's own.
"""

from lab.entra.acme import acme_tenant
from lab.entra.app import create_app
from lab.entra.knobs import Knobs
from lab.entra.tenant import Tenant

__all__ = ["Knobs", "Tenant", "acme_tenant", "create_app"]
