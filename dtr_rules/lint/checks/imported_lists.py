"""DTR106: spaces, empty entries and several destinations in one, in lists that came from the UEM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import listed, rule_words


def _find(subject: Subject) -> Found:
    for index, entry in enumerate(subject.file.source.content.rules):
        for platform, kept in (entry.uem or {}).items():
            wrong = list(dict.fromkeys(_wrong(kept.get("destinations", kept.get("domains")))))
            if wrong:
                yield _finding(subject, index, platform.value, wrong)


def _wrong(items: Any) -> Iterator[str]:
    """What a list of destinations holds beside destinations."""
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, str):
            continue
        parts = item.split(",")
        if any(part != part.strip() for part in parts):
            yield f"a space in {_shown(item)}"
        if any(not part.strip() for part in parts):
            yield f"an empty entry in {_shown(item)}" if item else "an empty entry"


def _shown(item: str) -> str:
    return repr(item if len(item) <= 40 else f"{item[:37]}...")


def _finding(subject: Subject, index: int, platform: str, wrong: list[str]) -> Finding:
    rule = subject.rule_set.rules[index]
    flow = flow_to(subject.universe, rule, rule.destinations[0])
    return Finding(
        severity=Severity.WARNING,
        message=f"{rule_words(subject.rule_set, index)}, as imported for {platform}, has {listed(wrong)}; this "
        f"program reads past it, the product is documented to want one line without spaces",
        fix="Write the list again without spaces and empty entries, in the UEM console, too.",
        path=("rules", index, "to"),
        rule_index=index,
        examples=() if flow is None else (subject.example(flow),),
    )


CHECK = Check(
    id="DTR106",
    name="imported-list",
    severities=(Severity.WARNING,),
    what="Spaces or empty entries in a list of destinations that came from the UEM.",
    why="The UEM keeps destinations as one line of comma-separated text and does not clean it. What a Tunnel client "
    "makes of ` b.example` or of an empty entry is not documented.",
    fix="Write the list again without spaces and empty entries, in the UEM console, too.",
    find=_find,
)
