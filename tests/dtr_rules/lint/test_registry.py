"""One check, one file, one test file, one id, one place in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import dtr_rules.lint.checks
from dtr_rules.lint.pages import pages, sections, table
from dtr_rules.lint.registry import CHECKS

ROOT = Path(__file__).parents[3]
FILES = sorted(path.stem for path in Path(dtr_rules.lint.checks.__file__).parent.glob("[!_]*.py"))


def test_every_check_is_registered_and_has_its_test_file() -> None:
    assert len(CHECKS) == len(FILES)
    assert [path.stem for path in sorted((Path(__file__).parent / "checks").glob("test_*.py"))] == [
        f"test_{name}" for name in FILES
    ]


def test_ids_and_names_are_unique_and_well_formed() -> None:
    found = pages()
    assert len({page.id for page in found}) == len({page.name for page in found}) == len(found)
    assert all(re.fullmatch(r"DTR[1-9]\d\d", page.id) for page in found)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", page.name) for page in found)
    assert all(page.severities and page.what.endswith((".", "`.")) for page in found)


def test_the_docs_hold_the_table_and_a_section_for_every_id() -> None:
    page = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    assert table() in page, "docs/lint.md is out of date: python tests/dtr_rules/lint/write_page.py"
    assert sections() in page, "docs/lint.md is out of date: python tests/dtr_rules/lint/write_page.py"
    for each in pages():
        assert f"\n### {each.id}\n" in page
