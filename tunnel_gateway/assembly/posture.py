"""The way to the UEM."""

from __future__ import annotations

import ssl
from pathlib import Path

from dtr_rules.credentials import from_file
from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import certificate_in
from tunnel_gateway.posture.uem import UemAccess, UemClient


def uem_client(assembly: Assembly) -> UemClient | None:
    uem = assembly.source.content.posture.uem
    place = ("posture", "uem")
    ca_file = None if uem.ca_file is None else assembly.path(uem.ca_file)
    secret = assembly.attempt(lambda: from_file(assembly.path(uem.client_secret_file)), *place, "client-secret-file")
    code = assembly.attempt(lambda: from_file(assembly.path(uem.tenant_code_file)), *place, "tenant-code-file")
    tls = assembly.attempt(lambda: _clientserver_tls(ca_file), *place, "ca-file")
    if secret is None or code is None or tls is None:
        return None
    access = UemAccess(uem.url, uem.token_url, uem.client_id, secret.reveal(), code.reveal())
    return UemClient(access, tls)


def _clientserver_tls(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is not None:
        certificate_in(ca_file)  # says what is wrong better than the TLS library does
    return ssl.create_default_context(cafile=ca_file)
