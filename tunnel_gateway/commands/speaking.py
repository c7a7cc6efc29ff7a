"""What the verbs have in common: their options, and how they end with an error."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

UNUSABLE = 2
NOT_DONE = 3

ConfigOption = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration (gateway.yaml).")]
DeviceOption = Annotated[str | None, typer.Option("--device", metavar="UDID", help="Those of one device.")]
HostOption = Annotated[str | None, typer.Option("--host", help="Those to one host.")]
NamedDevice = Annotated[str | None, typer.Option("--device", metavar="UDID", help="The device, by its UDID.")]
NamedThumbprint = Annotated[
    str | None, typer.Option("--thumbprint", metavar="HEX", help="The certificate, by its SHA-1 or SHA-256 thumbprint.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def named(device: str | None, thumbprint: str | None) -> dict[str, str]:
    """The one of both that was given; ends the program where that is not one."""
    given = {key: value for key, value in (("device", device), ("thumbprint", thumbprint)) if value is not None}
    if len(given) != 1:
        fail("name a device (--device) or a certificate (--thumbprint), one of them", UNUSABLE)
    return given


def duration(seconds: float) -> str:
    """`42s`, `12m`, `3.4h`: for people."""
    if seconds < 120:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f}m" if seconds < 7200 else f"{seconds / 3600:.1f}h"


def size(count: int) -> str:
    """`812 B`, `3.4 MB`: for people."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"
