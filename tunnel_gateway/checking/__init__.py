"""What `tunnel-gateway check` looks at: one section, one file, one function that says what it found.

A configuration with a mistake in it never comes this far. What is looked at here can be said without serving, and
without changing anything: nothing is created, opened for writing or listened on.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from tunnel_gateway.checking.certificates import certificates
from tunnel_gateway.checking.client_certificate import client_certificate
from tunnel_gateway.checking.egress import egress
from tunnel_gateway.checking.files import files
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.revocation import revocation
from tunnel_gateway.checking.rules import rules
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.checking.uem import uem

SECTIONS: Final[dict[str, Callable[[Subject], Awaitable[list[Finding]]]]] = {
    "files": files,
    "certificates": certificates,
    "rules": rules,
    "egress": egress,
    "revocation": revocation,
    "uem": uem,
    "client-certificate": client_certificate,
}
"""Every section, in the order in which they are shown; one that finds nothing is left out."""

__all__ = ["SECTIONS", "Finding", "Level", "Subject"]
