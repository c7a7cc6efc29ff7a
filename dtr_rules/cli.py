"""`dtr`: check rule sets and explain their decisions before they reach a fleet."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from dtr_rules.explain import explain as explain_flow
from dtr_rules.explanation_view import show
from dtr_rules.formats.yaml import RuleSetFile, read_rule_set
from dtr_rules.hosts import Address, HostError, parse_address, parse_host
from dtr_rules.model import Flow, Platform
from dtr_rules.source import Mistake, UnusableFileError
from dtr_rules.terminal import console, printable, show_what_cannot_be_encoded, styled

UNUSABLE = 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Check device traffic rule sets, and explain what they decide, before they reach a fleet.",
)


class Network(StrEnum):
    """The network that the device is on."""

    TRUSTED = "trusted"
    OTHER = "other"


class Carries(StrEnum):
    """Whether the app carries the VPN profile."""

    YES = "yes"
    NO = "no"


def main() -> None:
    """Run the program; the entry point of the console script."""
    show_what_cannot_be_encoded()
    try:
        app(prog_name="dtr")
    except KeyboardInterrupt:
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        try:
            version = importlib.metadata.version("tunnel-gateway")
        except importlib.metadata.PackageNotFoundError:
            version = "(not installed)"
        typer.echo(f"dtr {version}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
    _show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    context.obj = console(no_color=no_color)


# --- check ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Checked:
    """One file of `check`: what was read, or what is wrong with it."""

    file: Path
    read: RuleSetFile | None
    mistakes: tuple[Mistake, ...] = ()


@app.command(short_help="Show every mistake in rule set files.")
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Rule set files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read rule set files and show every mistake in them, each with file, line and column.

    Exit codes: 0 all files can be used, 2 there are mistakes.
    """
    results = [_read(file) for file in files]
    for result in results:
        _complain(result.mistakes)
    if as_json:
        _print_json({"v": 1, "files": [_checked_as_json(each) for each in results]})
    else:
        _show_checked([each.read for each in results if each.read is not None], context.obj)
    if any(each.mistakes for each in results):
        raise typer.Exit(UNUSABLE)


def _read(file: Path) -> _Checked:
    try:
        return _Checked(file, read_rule_set(file))
    except UnusableFileError as error:
        return _Checked(file, None, error.mistakes)


def _complain(mistakes: tuple[Mistake, ...]) -> None:
    for mistake in mistakes:
        typer.echo(printable(str(mistake)), err=True)


def _show_checked(read: list[RuleSetFile], out: Console) -> None:
    for each in read:
        rule_set = each.rule_set
        out.print(styled(f"{each.source.file}: ").append("ok", style="bold green"), soft_wrap=True)
        out.print(styled(f"  {rule_set.name}, {rule_set.mode}, default {rule_set.default}"))
        counts = (
            _count(len(rule_set.rules), "rule"),
            _count(_destinations(each), "destination"),
            _count(len(each.tests), "test"),
        )
        out.print(styled(f"  {', '.join(counts)}, digest {rule_set.digest[:12]}", "dim"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _destinations(read: RuleSetFile) -> int:
    return sum(len(rule.destinations) for rule in read.rule_set.rules)


def _checked_as_json(checked: _Checked) -> dict[str, object]:
    document: dict[str, object] = {
        "file": str(checked.file),
        "ok": checked.read is not None,
        "mistakes": [
            {"line": each.place.line, "column": each.place.column, "message": each.message} for each in checked.mistakes
        ],
    }
    if checked.read is None:
        return {**document, "rule_set": None}
    rule_set = checked.read.rule_set
    summary = {
        "name": rule_set.name,
        "mode": rule_set.mode,
        "default": rule_set.default,
        "rules": len(rule_set.rules),
        "destinations": _destinations(checked.read),
        "tests": len(checked.read.tests),
        "digest": rule_set.digest,
    }
    return {**document, "rule_set": summary}


# --- explain -------------------------------------------------------------------------------------------------


Parsed = TypeVar("Parsed")


def _option(name: str, text: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(text)
    except HostError as error:
        raise typer.BadParameter(f"{text!r} {error}.", param_hint=f"'{name}'") from error


def _app(text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise typer.BadParameter("is empty; leave the option away for an app that is not known.")
    return text


@app.command(short_help="Show what a rule set decides for a flow, and why.")
def explain(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rule set file.", show_default=False)],
    *,
    platform: Annotated[
        Platform, typer.Option(case_sensitive=False, help="The device's platform.", show_default=False)
    ],
    host: Annotated[str, typer.Option(metavar="HOST", help="The host's name or address.", show_default=False)],
    app_id: Annotated[
        str | None,
        typer.Option(
            "--app",
            callback=_app,
            metavar="ID",
            help="Bundle id, package name or executable path; an unknown app where left out.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="The TCP port.")] = 443,
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="What the host's name resolves to, where known.")
    ] = None,
    network: Annotated[Network, typer.Option(help="The network that the device is on.")] = Network.OTHER,
    vpn_profile: Annotated[
        Carries | None,
        typer.Option(help="Whether the app carries the VPN profile; the file's profile-apps where left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what a rule set decides for one flow, and why: every rule looked at, in order.

    Exit codes: 0 for every decision, whatever it is; 2 the file or an option cannot be used.
    """
    there = _option("--host", host, parse_host)
    resolved = None if address is None else _option("--address", address, parse_address)
    if isinstance(there, Address) and resolved not in (None, there):
        raise typer.BadParameter(f"'{resolved}' is not the host '{there}'.", param_hint="'--address'")
    flow = Flow(
        platform=platform,
        host=there,
        port=port,
        app=app_id,
        address=resolved,
        in_vpn_profile=None if vpn_profile is None else vpn_profile is Carries.YES,
        on_trusted_network=network is Network.TRUSTED,
    )
    checked = _read(file)
    if checked.read is None:
        _complain(checked.mistakes)
        raise typer.Exit(UNUSABLE)
    explanation = explain_flow(checked.read.rule_set, flow)
    if as_json:
        _print_json(explanation.as_json())
    else:
        show(explanation, context.obj)


def _print_json(document: dict[str, object]) -> None:
    typer.echo(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
