"""Draw `docs/pictures/demo.svg`: the demo's table, as the program prints it. Run by `make pictures`."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from lab.demo import run_demo
from lab.operations.zone_control import ZoneChange
from lab.report import table
from lab.rows import Row

WIDTH = 136


class _Silent:
    """The demo without a word until its table."""

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[None]:
        yield

    def zones(self, changes: tuple[ZoneChange, ...]) -> None: ...

    def row(self, row: Row) -> None: ...


def main() -> None:
    here = Path(__file__).parent
    demo = asyncio.run(run_demo(here.parents[1] / "lab" / "demo-rules.yaml", _Silent()))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    table.show(demo, console)
    # rich's own frame would fetch a font from elsewhere each time somebody looks at the picture.
    frame = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title="tunnel-lab demo", theme=MONOKAI, code_format=frame, unique_id="demo")
    (here / "demo.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
