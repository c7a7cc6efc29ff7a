"""`dtr convert`: a rule set from one form into another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dtr_rules.characters import printable
from dtr_rules.commands.speaking import FINDINGS, UNUSABLE, JsonOption, complain, print_json, read_or_exit
from dtr_rules.commands.writing import COULD_NOT, write_whole
from dtr_rules.formats import console, pac
from dtr_rules.formats.uem import not_in_uem, not_judged, uem_data, write_uem
from dtr_rules.formats.yaml import Format, RuleSetFile
from dtr_rules.formats.yaml_writing import canonical_rule_set, plain_data, write_yaml
from dtr_rules.model import Platform
from dtr_rules.proxies import parse_proxy
from dtr_rules.source import Mistake, Place, UnusableFileError


class Target(StrEnum):
    """The forms that a rule set can be converted to."""

    YAML = "yaml"
    UEM = "uem"
    PAC = "pac"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class _Converted:
    text: str
    notes: list[str]
    more: dict[str, Any]
    """What the JSON document holds beside the text."""


def _endpoint(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        endpoint = parse_proxy(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}.") from error
    if "://" in endpoint:
        raise typer.BadParameter(f"{text!r}: write host:port alone.")
    return endpoint


def convert(
    file: Annotated[Path, typer.Argument(metavar="IN", help="The rule set file.", show_default=False)],
    *,
    to: Annotated[Target, typer.Option("--to", help="What to convert it to.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there, not to stdout.")
    ] = None,
    platform: Annotated[
        Platform | None, typer.Option(case_sensitive=False, help="pac: the platform that the browser runs on.")
    ] = None,
    app_id: Annotated[
        str | None,
        typer.Option("--app", metavar="ID", help="pac: the browser's app id; an unknown app where left out."),
    ] = None,
    gateway: Annotated[
        str | None,
        typer.Option(callback=_endpoint, metavar="HOST:PORT", help="pac: the gateway, an HTTPS proxy to the browser."),
    ] = None,
    block_to: Annotated[
        str, typer.Option(callback=_endpoint, metavar="HOST:PORT", help="pac: where blocked connections go to end.")
    ] = pac.BLOCKED,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="pac: ask DNS for names, so that address destinations match them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Convert a rule set: to our YAML, to the UEM's JSON, to a PAC file, or to what to type into the UEM's console.

    Between YAML and the UEM's JSON nothing is lost that both can say; what is left out is said on stderr.

    Exit codes: 0 converted, 1 the target cannot say what a rule says, 2 the file or an option cannot be used,
    3 the output cannot be written.
    """
    asking = _asking(to, platform, app_id, gateway, block_to, resolve=resolve)
    read = read_or_exit(file)
    converted = _converted(read, to, asking)
    if output is not None:
        _write(output, converted.text, private=_holds_profile(read))
    if as_json:
        document = {"v": 1, "from": read.format, "to": to, "output": None if output is None else str(output)}
        print_json({**document, "text": converted.text, "notes": converted.notes, **converted.more})
        return
    if output is None:
        typer.echo(converted.text, nl=False)
    for note in converted.notes:
        typer.echo(f"note: {printable(note)}", err=True)


def _asking(
    to: Target, platform: Platform | None, app: str | None, gateway: str | None, blocked: str, *, resolve: bool
) -> pac.Asking | None:
    if to is Target.PAC:
        if platform is None:
            raise typer.BadParameter("is needed: a PAC file is for one platform.", param_hint="'--platform'")
        return pac.Asking(platform, app, gateway, blocked, resolve)
    if (platform, app, gateway, blocked, resolve) != (None, None, None, pac.BLOCKED, False):
        words = "'--platform', '--app', '--gateway', '--block-to' and '--resolve' are for --to pac."
        raise typer.BadParameter(words, param_hint="'--to'")
    return None


def _converted(read: RuleSetFile, to: Target, asking: pac.Asking | None) -> _Converted:
    if asking is not None:
        return _Converted(_pac(read, asking), pac.notes(read.rule_set, asking), {})
    if to is Target.CONSOLE:
        typing = console.typing(read.rule_set)
        return _Converted(console.as_text(typing), [], {"console": typing.as_json()})
    data = uem_data(read.text) if read.format is Format.UEM else plain_data(read.text)
    kept = not_judged(data)
    notes = [f"rules for {', '.join(kept)} stay as they are; they decide nothing here"] if kept else []
    if to is Target.YAML:
        return _Converted(_yaml(read, data), notes, {})
    missing = not_in_uem(data)
    if missing:
        notes.append(f"not in the UEM's JSON, which has no word for it: {', '.join(missing)}")
    return _Converted(write_uem(data), notes, {})


def _yaml(read: RuleSetFile, data: dict[str, Any]) -> str:
    if read.format is Format.UEM:
        return write_yaml(data)
    try:
        return canonical_rule_set(read.text, read.source.file)
    except UnusableFileError as error:
        complain(error.mistakes)
        raise typer.Exit(UNUSABLE) from None


def _pac(read: RuleSetFile, asking: pac.Asking) -> str:
    try:
        return pac.write_pac(read.rule_set, asking)
    except pac.NotInPacError as error:
        path = ("default",) if error.rule_index is None else ("rules", error.rule_index, "action")
        complain([read.source.mistake(str(error), *path)])
        code = UNUSABLE if isinstance(error, pac.GatewayMissingError) else FINDINGS
        raise typer.Exit(code) from None


def _holds_profile(read: RuleSetFile) -> bool:
    """Whether a device's profile is in it, with what that says of certificates and gateways."""
    uem = read.source.content.uem
    return uem is not None and uem.profile is not None


def _write(path: Path, text: str, *, private: bool) -> None:
    try:
        write_whole(path, text, private=private)
    except OSError as error:
        complain([Mistake(Place(str(path), 1, 1), f"cannot write this file: {error.strerror}")])
        raise typer.Exit(COULD_NOT) from None
