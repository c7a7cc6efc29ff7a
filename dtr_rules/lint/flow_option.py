"""A flow as the options of `dtr explain` that ask for it."""

from __future__ import annotations

import shlex

from dtr_rules.model import Flow


def as_command(flow: Flow) -> str:
    """`--platform ios --app com.example.mail --host acme.okta.com`."""
    words = ["--platform", flow.platform.value]
    if flow.app is not None:
        words += ["--app", flow.app]
    words += ["--host", str(flow.host)]
    if flow.port != 443:
        words += ["--port", str(flow.port)]
    if flow.address is not None and flow.address != flow.host:
        words += ["--address", str(flow.address)]
    if flow.in_vpn_profile is not None:
        words += ["--vpn-profile", "yes" if flow.in_vpn_profile else "no"]
    return shlex.join(words)
