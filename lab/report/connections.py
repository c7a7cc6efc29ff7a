"""Connections of a device, told one by one: a line each for people, JSON Lines for programs."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from lab.device import Attempt, Path, Refusal
from lab.listening import Listening
from lab.network import OKTA_HOST
from lab.report.json_lines import JsonLines
from lab.report.plain import plain
from lab.report.progress import Progress

DISCOVERY: Final = "/.well-known/openid-configuration"
_STYLES: Final = {"tunnel": "green", "direct": "yellow", "refused": "bold red", "blocked": "red", "failed": "red"}


class ForPeople:
    """Lines on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(console)

    def step(self, words: str) -> contextlib.AbstractContextManager[None]:
        return self._progress.step(words)

    def listening(self, found: Listening) -> None:
        app = f"{found.app.name} ({found.app.id})"
        rows = (
            ("device", f"{found.device}, {found.app.platform}, at {found.address}"),
            ("programs are", app),
            ("proxy", found.proxy),
            ("PAC file", found.pac),
            ("authority", str(found.authority)),
            ("sign in as", f"{found.user}, password in {found.password_file}, code in {found.code_file}"),
            ("curl", f"curl -x {found.proxy} --cacert {found.authority} https://{OKTA_HOST}{DISCOVERY}"),
            ("trust", f"certutil -A -d sql:$HOME/.pki/nssdb -n tunnel-lab -t C,, -i {found.authority}"),
            ("Chromium", f"chromium --proxy-server={found.proxy}   or --proxy-pac-url={found.pac}"),
        )
        for name, value in rows:
            self._line(Text.assemble((f"{name:<13}", "bold"), plain(value)))
        self._line(Text("Ctrl-C ends it all.", "dim"))

    def connection(self, attempt: Attempt, time: datetime) -> None:
        word = _word(attempt)
        where = f"{attempt.host}:{attempt.port}"
        text, hint = _words(attempt)
        clock = time.astimezone().strftime("%H:%M:%S")
        self._line(Text.assemble((f"{clock}  ", "dim"), (f"{word:<8}", _STYLES[word]), plain(f" {where}  {text}")))
        if hint:
            self._line(Text(f"{'':10}{'':8} what to do: {plain(hint)}"))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


class ForPrograms(JsonLines):
    """JSON Lines: one when it listens, then one for each connection."""

    def listening(self, found: Listening) -> None:
        self._say(
            event="listening",
            device=found.device,
            platform=found.app.platform,
            address=found.address,
            app=found.app.id,
            proxy=found.proxy,
            pac=found.pac,
            authority=str(found.authority),
            user=found.user,
            password_file=str(found.password_file),
            code_file=str(found.code_file),
        )

    def connection(self, attempt: Attempt, time: datetime) -> None:
        route = attempt.route
        self._say(
            event="connection",
            time=time.isoformat(),
            app=attempt.app,
            host=attempt.host,
            port=attempt.port,
            path=route.path,
            why=route.why,
            reason=route.reason,
            rule=route.rule,
            failure=attempt.failure or None,
            refusal=_refusal(attempt.refusal),
        )


def _word(attempt: Attempt) -> str:
    if attempt.refusal is not None:
        return "refused"
    if attempt.route.path is Path.BLOCKED:
        return "blocked"
    return "failed" if attempt.failure else attempt.route.path.value


def _words(attempt: Attempt) -> tuple[str, str]:
    """Why, and what to do about it, if somebody said."""
    refusal = attempt.refusal
    if refusal is not None:
        said = ": ".join(filter(None, (refusal.reason, refusal.detail))) or f"the gateway answered {refusal.status}"
        return f"by the gateway: {said}", refusal.what_to_do
    if attempt.failure and attempt.route.path is not Path.BLOCKED:
        return f"{attempt.failure} ({attempt.route.why})", ""
    return attempt.route.why, ""


def _refusal(refusal: Refusal | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {
        "status": refusal.status,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "what_to_do": refusal.what_to_do,
        "decision_id": refusal.decision_id,
    }
