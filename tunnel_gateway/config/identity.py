"""The gateway's own certificate, and whose certificates are devices'."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from dtr_rules.source import Model
from tunnel_gateway.config.fields import File, Host, Oid, Pattern, Time
from tunnel_gateway.identity import UdidFrom
from tunnel_gateway.identity.revocation.policy import RevocationMode

MIN_ANSWER: Final = 1024
MAX_ANSWER: Final = 256 * 1024 * 1024


class Tls(Model):
    """The gateway's own certificate chain (leaf first) and its private key, PEM. Clients pin the leaf."""

    certificate: File
    key: File


class UdidIn(Model):
    """Where an authority's certificates name the device."""

    source: UdidFrom = Field(alias="from")
    pattern: Pattern = "{udid}"


class CarriedIn(Model):
    """What tells an authority's certificates for devices from its others: each that is named must be there.

    The template is an AD CS template's object identifier, or the name of one of version 1.
    """

    template: Annotated[str, Field(min_length=1)] | None = None
    policies: tuple[Oid, ...] = ()
    extended_key_usage: tuple[Oid, ...] = ()


class RevocationIn(Model):
    """Who may be asked whether a certificate of an authority has been revoked: hosts of CRLs and OCSP responders."""

    mode: RevocationMode = RevocationMode.HARD
    hosts: tuple[Host, ...] = ()
    timeout: Time = 5.0
    max_bytes: Annotated[int, Field(strict=True, ge=MIN_ANSWER, le=MAX_ANSWER)] = 16 * 1024 * 1024
    refresh: Time = 3600.0


def _whole(value: object) -> object:
    """`revocation: off` is short for `revocation: {mode: off}`."""
    return {"mode": value} if isinstance(value, str) else value


class Authority(Model):
    """An authority whose certificates are devices', PEM."""

    certificate: File
    udid: UdidIn
    carries: CarriedIn = CarriedIn()
    revocation: Annotated[RevocationIn, BeforeValidator(_whole)] = RevocationIn()


class DeviceCertificates(Model):
    """Which of a device's certificates count: the newest alone or all, and those of a list where there is one."""

    newest_only: Annotated[bool, Field(strict=True)] = True
    allow_list: File | None = None
