"""What a run in namespaces left behind: its captures, and the three sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from lab.netns.proof import Captured, Sentence
from lab.report.plain import plain

MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """Captures that were read, and what they say. `kept` is where the files are, where they were wanted."""

    captures: tuple[Captured, ...]
    sentences: tuple[Sentence, ...]
    kept: Path | None

    @property
    def holds(self) -> bool:
        """Whether every sentence holds."""
        return all(sentence.holds for sentence in self.sentences)

    def as_json(self) -> dict[str, Any]:
        """The same as plain data; `against` holds the packets that contradict a sentence."""
        return {
            "holds": self.holds,
            "captures": [{"party": each.party, "packets": each.packets, "lost": each.lost} for each in self.captures],
            "kept": None if self.kept is None else str(self.kept),
            "sentences": [
                {"text": each.text, "holds": each.holds, "rests_on": each.rests_on, "against": list(each.against)}
                for each in self.sentences
            ],
        }


def show(evidence: Evidence, console: Console) -> None:
    """Print the sentences, each with what it rests on and what contradicts it."""
    console.print(Text(_packets(evidence)), soft_wrap=True)
    for sentence in evidence.sentences:
        mark, style = ("✓", "bold green") if sentence.holds else ("✗", "bold red")
        console.print(Text.assemble((f"{mark} ", style), sentence.text, f": {sentence.rests_on}"), soft_wrap=True)
        for line in sentence.against[:MOST_SHOWN]:
            console.print(Text(f"    {plain(line)}", "red"), soft_wrap=True)
        if len(sentence.against) > MOST_SHOWN:
            console.print(Text(f"    … and {len(sentence.against) - MOST_SHOWN} more"), soft_wrap=True)
    if evidence.kept is not None:
        console.print(Text(f"captures: {plain(str(evidence.kept))}"), soft_wrap=True)


def show_several(evidence: Mapping[str, Evidence], console: Console) -> None:
    """Print a line for each run by its name; in full where a sentence does not hold."""
    for name, each in evidence.items():
        mark, style = ("✓", "bold green") if each.holds else ("✗", "bold red")
        words = (
            f"{plain(name)}: {_packets(each)}; {'every sentence holds' if each.holds else 'not every sentence holds'}"
        )
        console.print(Text.assemble((f"{mark} ", style), words), soft_wrap=True)
        if not each.holds:
            show(each, console)


def _packets(evidence: Evidence) -> str:
    packets = sum(each.packets for each in evidence.captures)
    return f"{packets} packets captured on {len(evidence.captures)} links"
