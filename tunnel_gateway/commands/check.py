"""`tunnel-gateway check`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509
from rich.table import Table

from dtr_rules.source import Mistake, Place, UnusableFileError
from dtr_rules.terminal import console, styled
from tunnel_gateway.assembly.whole import draft
from tunnel_gateway.checking import SECTIONS, Finding, Level, Subject
from tunnel_gateway.commands.speaking import NOT_DONE, UNUSABLE, ConfigOption, JsonOption, fail

FINDINGS: Final = 1
_STYLES: Final = {Level.OK: "green", Level.NOTICE: "yellow", Level.PROBLEM: "bold red", Level.NOT_DONE: "bold red"}
Found = Mapping[str, list[Finding]]


def check(
    config: ConfigOption,
    client_cert: Annotated[
        Path | None,
        typer.Option("--client-cert", metavar="PEM", help="Also every check of this certificate (and its chain)."),
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Also ask the UEM and the hosts of revocation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check everything that can be checked without serving, and change nothing.

    Exit codes: 0 fine, 1 something that would stop the gateway or the device, 2 the configuration or the certificate
    cannot be read, 3 a far end could not be asked.
    """
    try:
        found = asyncio.run(_check(config, client_cert, online=online))
    except UnusableFileError as error:
        fail(str(error), UNUSABLE)
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2))
    else:
        _show(found)
    raise typer.Exit(_exit_code(each for section in found.values() for each in section))


async def _check(config: Path, client_cert: Path | None, *, online: bool) -> Found:
    chain = () if client_cert is None else _chain(client_cert)
    subject = Subject(draft(config), datetime.now(UTC), online, chain)
    found = {name: await section(subject) for name, section in SECTIONS.items()}
    return {name: findings for name, findings in found.items() if findings}


def _chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of the file in their order; a private key beside them is not looked at."""
    start = Place(str(path), 1, 1)
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise UnusableFileError([Mistake(start, f"cannot read this file: {error.strerror}")]) from error
    except ValueError:
        words = "holds no certificate in PEM form; give the device's certificate first, then its intermediates"
        raise UnusableFileError([Mistake(start, words)]) from None


def _exit_code(found: Iterable[Finding]) -> int:
    levels = {finding.level for finding in found}
    if Level.PROBLEM in levels:
        return FINDINGS
    return NOT_DONE if Level.NOT_DONE in levels else 0


def _document(found: Found) -> dict[str, object]:
    return {
        "v": 1,
        "sections": [
            {
                "name": name,
                "findings": [
                    {"level": each.level, "subject": each.subject, "words": each.words, "reason": each.reason}
                    for each in findings
                ],
            }
            for name, findings in found.items()
        ],
    }


def _show(found: Found) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, findings in found.items():
        table.add_row(styled(name, "bold"))
        for each in findings:
            words = f"{each.words} ({each.reason})" if each.reason else each.words
            table.add_row(styled(f"  {each.level}", _STYLES.get(each.level, "")), styled(each.subject), styled(words))
    console(no_color=False).print(table)
