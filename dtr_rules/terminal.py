"""What a person sees: consoles that take text as text, and names made harmless."""

from __future__ import annotations

import io
import sys
from typing import Final, TextIO

from rich.console import Console
from rich.text import Text

from dtr_rules.characters import printable
from dtr_rules.model import Action

ACTION_STYLES: Final = {
    Action.TUNNEL: "bold green",
    Action.BYPASS: "bold yellow",
    Action.BLOCK: "bold red",
    Action.PROXY: "bold cyan",
    Action.TUNNEL_PROXY: "bold cyan",
    Action.WEB_PROXY: "bold cyan",
}


def console(*, no_color: bool) -> Console:
    """A console on stdout that reads no markup, emoji codes or highlights into names. NO_COLOR counts too."""
    return Console(markup=False, emoji=False, highlight=False, no_color=no_color or None)


def styled(text: str, style: str = "") -> Text:
    """A name or sentence as rich text: harmless, never markup, folded instead of cut."""
    return Text(printable(text), style=style, overflow="fold")


def show_what_cannot_be_encoded() -> None:
    """Let stdout and stderr write escapes for characters that the terminal's encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        _escape(stream)


def _escape(stream: TextIO) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
