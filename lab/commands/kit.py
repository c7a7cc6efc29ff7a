"""`tunnel-lab kit`: what to paste into the real consoles, and mistakes in what stands there."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from dtr_rules import UnusableFileError
from dtr_rules.mistakes import Mistake
from lab.commands.screen import (
    DIFFERENT,
    NOT_DONE,
    UNUSABLE,
    Json,
    NoColor,
    end_with,
    screen,
    without_color,
)
from lab.kit import directory, document, view
from lab.kit.check import checking
from lab.kit.check import view as check_view
from lab.kit.check.checking import Checked
from lab.kit.check.expected import Expected, expected_of
from lab.kit.configuration import Configuration, load, read_hint
from lab.kit.making import Kit, make
from lab.kit.placeholders import MANAGEMENT_HINT

CONFIG = typer.Argument(
    metavar="CONFIG", help="The configuration, kit.yaml. --check can do without.", show_default=False
)


def kit(
    config: Annotated[Path | None, CONFIG] = None,
    *,
    check: Annotated[
        list[Path] | None,
        typer.Option(
            "--check",
            metavar="FILE",
            help="Find mistakes in a file that is in use. May be repeated.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write files into this directory.", show_default=False)
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="This piece alone. May be repeated.", show_default=False),
    ] = None,
    with_secret: Annotated[
        bool, typer.Option("--with-secret", help="Put the management hint into the files of --out.")
    ] = False,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Write what to paste into Okta, the UEM and Entra, from one configuration; or check what stands there.

    The management hint is a secret: it is never printed, and written only with --out and --with-secret, into files that
    their owner alone can read. Everywhere else a placeholder stands for it.

    Exit codes: 0 fine, 1 mistakes found (in the rules or in a checked file), 2 a file or an option cannot be used,
    3 the files could not be written.
    """
    without_color(no_color)
    _check_options(config, check, out, only, with_secret=with_secret)
    try:
        configuration = None if config is None else load(config)
        if check:
            _check(check, configuration, as_json=as_json)
        elif configuration is not None:
            hint = read_hint(configuration, os.environ).reveal() if with_secret else MANAGEMENT_HINT
            _make(configuration, hint, out, only or [], as_json=as_json)
    except UnusableFileError as error:
        end_with(UNUSABLE, str(error))


def _check_options(
    config: Path | None, check: list[Path] | None, out: Path | None, only: list[str] | None, *, with_secret: bool
) -> None:
    if config is None and not check:
        raise typer.BadParameter("is missing: name a configuration, or a file to --check.", param_hint="'CONFIG'")
    if check and (out is not None or only or with_secret):
        raise typer.BadParameter("'--out', '--only' and '--with-secret' are for making a kit.", param_hint="'--check'")
    if with_secret and out is None:
        words = "needs --out: the secret is written into files, never to the screen."
        raise typer.BadParameter(words, param_hint="'--with-secret'")


def _check(files: list[Path], configuration: Configuration | None, *, as_json: bool) -> None:
    expected = Expected() if configuration is None else expected_of(configuration)
    checked: list[Checked] = []
    mistakes: list[Mistake] = []
    for file in files:
        try:
            checked.append(checking.check(file, expected, _today()))
        except UnusableFileError as error:
            mistakes += error.mistakes
    if as_json:
        typer.echo(json.dumps(check_view.document(checked), indent=2))
    else:
        for each in checked:
            check_view.show(each, screen())
    if mistakes:
        raise UnusableFileError(mistakes)
    if any(each.fails for each in checked):
        raise typer.Exit(DIFFERENT)


def _make(configuration: Configuration, hint: str, out: Path | None, only: list[str], *, as_json: bool) -> None:
    made = _chosen(make(configuration, hint=hint, today=_today()), only)
    try:
        written = () if out is None else directory.write(made, out)
    except directory.DirectoryError as error:
        end_with(NOT_DONE, str(error))
    except OSError as error:
        end_with(NOT_DONE, f"{out}: cannot be written: {error.strerror}")
    shown = made if out is None else make(configuration, today=_today())  # what is printed never holds the secret
    if as_json:
        typer.echo(json.dumps(document.document(_chosen(shown, only), written), indent=2))
    elif out is None:
        view.show(made, screen())
    else:
        view.show_written(made, written, screen())
    if made.findings:
        raise typer.Exit(DIFFERENT)


def _chosen(made: Kit, only: list[str]) -> Kit:
    known = [piece.id for piece in made.pieces]
    for name in only:
        if name not in known:
            raise typer.BadParameter(
                f"there is no piece '{name}'; there are: {', '.join(known)}.", param_hint="'--only'"
            )
    return made.only(only) if only else made


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
