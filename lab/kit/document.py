"""A kit as one JSON document, version 1.

{"v": 1, "pieces": [{"id", "title", "console", "menu", "fields": [{"name", "value", "kind", "sure", "source"}],
                     "text", "file", "remarks": []}],
 "checklist": [{"console", "what", "pieces": []}], "left_out": [], "findings": [{"id", "severity", "place", "message"}],
 "written": []}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.kit.making import Kit


def document(kit: Kit, written: Iterable[Path]) -> dict[str, Any]:
    """The kit in values that JSON has. `written` are the files, where any were."""
    return {
        "v": 1,
        "pieces": [asdict(piece) for piece in kit.pieces],
        "checklist": [asdict(step) for step in kit.checklist],
        "left_out": list(kit.left_out),
        "findings": [
            {
                "id": found.id,
                "severity": found.severity.value,
                "place": str(found.place),
                "message": found.finding.message,
            }
            for found in kit.findings
        ],
        "written": [str(path) for path in written],
    }
