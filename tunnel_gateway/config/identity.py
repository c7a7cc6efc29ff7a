"""The gateway's own certificate, and whose certificates are devices'."""

from __future__ import annotations

from pydantic import Field

from dtr_rules.source import Model
from tunnel_gateway.config.fields import File, Pattern
from tunnel_gateway.identity import UdidFrom


class Tls(Model):
    """The gateway's own certificate chain (leaf first) and its private key, PEM. Clients pin the leaf."""

    certificate: File
    key: File


class UdidIn(Model):
    """Where an authority's certificates name the device."""

    source: UdidFrom = Field(alias="from")
    pattern: Pattern = "{udid}"


class Authority(Model):
    """An authority whose certificates are devices', PEM."""

    certificate: File
    udid: UdidIn
