"""Where posture comes from, and how old it may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dtr_rules.source import Model
from tunnel_gateway.config.fields import File, Time, Url


class Uem(Model):
    """The UEM's API. `ca_file` is for a private authority; without it the system's authorities count."""

    url: Url
    token_url: Url
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: File
    tenant_code_file: File
    ca_file: File | None = None


class Posture(Model):
    """Where posture comes from, how often it is read, and how old it may be."""

    uem: Uem
    sync_every: Time = 300.0
    max_age: Time = 12 * 3600.0
