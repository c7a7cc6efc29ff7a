"""`tunnel-lab demo`."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer

from lab.commands.screen import (
    DIFFERENT,
    FINE,
    Captures,
    Json,
    Netns,
    NoColor,
    check_netns,
    run_to_its_end,
    screen,
    without_color,
)
from lab.demo import Demo, run_demo
from lab.netns.evidence import Evidence
from lab.netns.evidence import show as show_evidence
from lab.report import table
from lab.report.document import document
from lab.report.progress import Progress


def demo(
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="A rule set of your own, for device and gateway.")
    ] = None,
    *,
    netns: Netns = False,
    captures: Captures = None,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """A compliant phone signs in through the gateway; a non-compliant one does not, with or without its profile.

    Starts everything on this machine's loopback addresses, or in network namespaces, and leaves nothing behind.
    """
    without_color(no_color)
    check_netns(captures, netns=netns)
    told = Progress(screen(stderr=as_json))
    with resources.as_file(resources.files("lab") / "demo-rules.yaml") as default:
        play = _in_namespaces(captures) if netns else _on_loopback
        found, evidence = run_to_its_end(play(rules or default, told))
    _show(found, evidence, as_json=as_json)
    holds = evidence is None or evidence.holds
    raise typer.Exit(FINE if found.as_expected and holds else DIFFERENT)


Play = Callable[[Path, Progress], Coroutine[Any, Any, tuple[Demo, Evidence | None]]]


async def _on_loopback(rules: Path, told: Progress) -> tuple[Demo, None]:
    return await run_demo(rules, told), None


def _in_namespaces(captures: Path | None) -> Play:
    from lab.netns.running import in_namespaces  # noqa: PLC0415  what reads captures is an extra

    async def play(rules: Path, told: Progress) -> tuple[Demo, Evidence]:
        return await in_namespaces(lambda network: run_demo(rules, told, network), captures)

    return play


def _show(found: Demo, evidence: Evidence | None, *, as_json: bool) -> None:
    if as_json:
        more = {} if evidence is None else {"netns": evidence.as_json()}
        typer.echo(json.dumps(document(found) | more, indent=2))  # escapes everything outside ASCII
        return
    table.show(found, screen())
    if evidence is not None:
        show_evidence(evidence, screen())
