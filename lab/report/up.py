"""A world that is up, told to people on a terminal or to programs as JSON Lines."""

from __future__ import annotations

import contextlib

from rich.console import Console
from rich.text import Text

from lab.console.up import Up
from lab.network import OKTA_HOST
from lab.report.connections import DISCOVERY
from lab.report.json_lines import JsonLines
from lab.report.plain import plain
from lab.report.progress import Progress


class ForPeople:
    """Lines on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(console)

    def step(self, words: str) -> contextlib.AbstractContextManager[None]:
        return self._progress.step(words)

    def up(self, found: Up) -> None:
        self._line(Text.assemble(("console        ", "bold"), (plain(found.link), "bold cyan")))
        self._line(Text("               the link works once; another one is shown when it was used", "dim"))
        self._line(Text("A browser or program becomes a device's own browser behind its proxy:", "bold"))
        for each in found.browsers:
            who = f"{each.device}, {each.name}"
            self._line(Text(f"  {plain(who):<20} {each.proxy}   or PAC {each.pac}"))
        first = found.browsers[0]
        self._line(Text.assemble(("authority      ", "bold"), plain(str(found.authority))))
        self._line(
            Text.assemble(("sign in as     ", "bold"), plain(f"{found.user}, password in {found.password_file}"))
        )
        example = f"curl -x {first.proxy} --cacert {found.authority} https://{OKTA_HOST}{DISCOVERY}"
        self._line(Text.assemble(("for example    ", "bold"), plain(example)))
        self._line(Text("Ctrl-C ends it all.", "dim"))

    def link(self, url: str) -> None:
        self._line(Text.assemble("The link was used. For another browser: ", (plain(url), "cyan")))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


class ForPrograms(JsonLines):
    """JSON Lines: one when everything is there, one for each new link."""

    def up(self, found: Up) -> None:
        self._say(
            event="up",
            console=found.console,
            link=found.link,
            browsers=[
                {
                    "device": each.device,
                    "platform": each.platform,
                    "app": each.app,
                    "proxy": each.proxy,
                    "pac": each.pac,
                }
                for each in found.browsers
            ],
            authority=str(found.authority),
            user=found.user,
            password_file=str(found.password_file),
        )

    def link(self, url: str) -> None:
        self._say(event="link", link=url)
