"""Draw `docs/pictures/sequence.svg`: a login as `tunnel-lab report` shows it. Run by `make pictures`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from lab.record import Check, Login, Run, Step
from lab.report.page.drawing import WIDE, draw
from lab.report.page.parties import Parties
from lab.report.page.rendering import style_sheet
from lab.report.page.sequence import sequence_of
from lab.report.page.summary import headline_of
from lab.runner.choosing import chosen, read_all
from lab.runner.playing import play
from lab.runner.reading import Scenario

SCENARIO = "federated-okta-alone-tunnelled"


class _Silent:
    """Nobody is told."""

    def begins(self, scenario: Scenario) -> None: ...

    def step(self, scenario: Scenario, number: int, words: str) -> None: ...

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None: ...

    def ended(self, scenario: Scenario, run: Run) -> None: ...


def main() -> None:
    (scenario,) = read_all(chosen([SCENARIO]))
    run = asyncio.run(play(scenario, _Silent()))
    login, title = run.logins[0], headline_of(run.logins[0])
    drawn = draw(sequence_of(login, Parties.of(run)), WIDE, ident="login", title=title, description=run.learn[0])
    # Alone in a file a picture needs the name of its language, and its own style sheet.
    root, rest = drawn.split(">", 1)
    svg = f'{root} xmlns="http://www.w3.org/2000/svg">\n<style>{style_sheet("diagram.css")}</style>{rest}\n'
    (Path(__file__).parent / "sequence.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
