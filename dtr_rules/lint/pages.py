"""The catalogue of findings: what each id means, and the page docs/lint.md that says so."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.lint import silence_unused
from dtr_rules.lint.finding import Severity
from dtr_rules.lint.registry import CHECKS


@dataclass(frozen=True, slots=True)
class Page:
    """What the docs say of one id."""

    id: str
    name: str
    severities: tuple[Severity, ...]
    what: str
    why: str
    fix: str
    needs_provider: bool = False


def pages() -> tuple[Page, ...]:
    """Every id that a report can hold, in order."""
    own = Page(
        silence_unused.ID,
        silence_unused.NAME,
        silence_unused.SEVERITIES,
        silence_unused.WHAT,
        silence_unused.WHY,
        silence_unused.FIX,
    )
    checks = (
        Page(each.id, each.name, each.severities, each.what, each.why, each.fix, each.needs_provider) for each in CHECKS
    )
    return tuple(sorted((*checks, own), key=lambda page: page.id))


def table() -> str:
    """The table of all ids, in Markdown."""
    head = ("| id | name | severity | what it finds |", "| --- | --- | --- | --- |")
    return "".join(f"{line}\n" for line in (*head, *map(_row, pages())))


def _row(page: Page) -> str:
    return f"| [{page.id}](#{page.id.lower()}) | {page.name} | {_severities(page)} | {page.what} |"


def sections() -> str:
    """A section for each id, in Markdown; its heading is the id, so that the anchor is the id, too."""
    return "\n".join(_section(each) for each in pages())


def _section(page: Page) -> str:
    named = " Needs `--idp`." if page.needs_provider else ""
    head = f"### {page.id}\n\n**{page.name}** ({_severities(page)}). {page.what}{named}"
    return f"{head}\n\n{page.why}\n\nFix: {page.fix}\n"


def _severities(page: Page) -> str:
    return ", ".join(page.severities)
