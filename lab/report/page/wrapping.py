"""How wide a text is likely to be, and where it is broken: SVG breaks no lines by itself.

The reader's fonts are unknown, so widths are those of a wide one (DejaVu Sans); narrower ones leave some room.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[] -/")
_WIDE: Final = frozenset("mwMW@%&×→")
_MEASURES: Final = {"narrow": 0.38, "wide": 0.97, "capital": 0.72, "other": 0.63, "ideograph": 1.05}
_BREAKS: Final = re.compile(r"(?<=[\s./:@-])")
"""Where a line may end: after a space, and inside host names and addresses."""


def width_of(text: str, size: float) -> float:
    """An upper estimate, in the unit of `size`, the font's size."""
    return size * sum(_MEASURES[_class_of(char)] for char in text)


def wrap(text: str, width: float, size: float) -> tuple[str, ...]:
    """`text` in lines that are likely to fit into `width`; a word that is too long is broken anywhere."""
    lines, line = [], ""
    for piece in _pieces(text, width, size):
        if line and width_of((line + piece).rstrip(), size) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return (*lines, line.rstrip())


def _pieces(text: str, width: float, size: float) -> list[str]:
    """What stays together: words, and what of them fits."""
    found = []
    for word in re.split(r"(?<=\s)", text):
        if width_of(word.rstrip(), size) <= width:
            found.append(word)
            continue
        for part in filter(None, _BREAKS.split(word)):
            found += [part] if width_of(part, size) <= width else list(part)
    return found


def _class_of(char: str) -> str:
    if char in _NARROW:
        return "narrow"
    if char in _WIDE:
        return "wide"
    if unicodedata.east_asian_width(char) in "WF":
        return "ideograph"
    return "capital" if char.isupper() else "other"
