"""Okta, emulated: zones, app sign-in policies, sign-in with OpenID Connect, and the System Log.

What is recorded or documented of the service is copied; what is not confirmed has a knob (`Knobs`) or says
that its wording is the lab's own.
"""

from lab.okta.acme import acme_org
from lab.okta.app import create_app
from lab.okta.knobs import Knobs
from lab.okta.org import Org

__all__ = ["Knobs", "Org", "acme_org", "create_app"]
