"""What the gateway writes down, and what it must tell its operators of."""

from __future__ import annotations

from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import certificate_in
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.expiry import Expiry
from tunnel_gateway.log_file import Rotation
from tunnel_gateway.mitm import Inspector


def decision_log(assembly: Assembly) -> DecisionLog:
    """The open log. Raises OSError."""
    wanted = assembly.source.content.decision_log
    return DecisionLog(assembly.path(wanted.file), Rotation(wanted.rotate_at, wanted.keep), wanted.on_failure)


def inspector(assembly: Assembly) -> Inspector | None:
    wanted = assembly.source.content.inspection
    if wanted is None:
        return None
    ca_file = None if wanted.ca_file is None else assembly.path(wanted.ca_file)
    return Inspector(frozenset(wanted.hosts), assembly.path(wanted.directory), ca_file)


def expiries(assembly: Assembly) -> tuple[Expiry, ...]:
    """The gateway's certificates and the devices' authorities. Raises OSError and ValueError."""
    file = assembly.source.content
    named = [("gateway-certificate", file.tls.certificate)]
    events = file.posture.events
    if events is not None and events.tls is not None:
        named.append(("event-listener-certificate", events.tls.certificate))
    named += [("device-authority", each.certificate) for each in file.device_authorities]
    return tuple(
        Expiry(what, str(path), certificate_in(assembly.path(path)).not_valid_after_utc) for what, path in named
    )
