"""The documentation tells the truth: what it shows of the programs is what they print, and its links lead somewhere."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from documented import blocks, lab_runner, refreshed, run_here

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page.read_text(), lab=False)], ids=_name)
def test_what_the_page_shows_is_what_the_programs_print(page: Path) -> None:
    for block in blocks(page.read_text(), lab=False):
        assert refreshed(block, run_here()) == block


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page.read_text(), lab=True)], ids=_name)
def test_what_the_page_shows_of_the_lab_is_what_happens_there(page: Path) -> None:
    async def main() -> list[tuple[str, str]]:
        async with lab_runner() as run:
            shown = blocks(page.read_text(), lab=True)
            return [(block, await asyncio.to_thread(refreshed, block, run)) for block in shown]

    for shown, printed in asyncio.run(main()):
        assert printed == shown


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60
