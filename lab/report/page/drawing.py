"""A sequence diagram as SVG: real text, classes instead of colours, so that the page's style sheet decides those.

Two geometries of one drawing: a wide one for screens and paper, a narrow one for phones, where labels are as wide as
the picture and stand above their arrows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from lab.report.page.sequence import GATEWAY, Arrow, Event, Note, Sequence
from lab.report.page.wrapping import wrap
from lab.report.plain import plain_line

_LINE: Final = 1.36
"""Height of a line, in sizes of its font."""
_HEAD: Final = 7.0
"""Length of an arrow's head."""
_CROSS: Final = 6.0
"""Half of the size of a cross."""
_HOP: Final = 9.0
"""Radius of the bow by which an arrow goes past the gateway's lifeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Sizes in CSS pixels. `span` is how wide a label or a note may at least be; `anchor` is SVG's word for labels."""

    name: str
    margin: float
    widest: float
    gap: float
    span: float
    size: float
    small: float
    anchor: str

    def columns(self, count: int) -> tuple[float, ...]:
        """Where the lifelines of a diagram stand."""
        gap = min(self.gap, (self.widest - 2 * self.margin) / max(count - 1, 1))
        return tuple(self.margin + gap * number for number in range(count))


WIDE: Final = Geometry(name="wide", margin=124, widest=1040, gap=256, span=240, size=13, small=11.5, anchor="middle")
NARROW: Final = Geometry(name="narrow", margin=46, widest=350, gap=258, span=350, size=12.5, small=11.5, anchor="start")


def draw(sequence: Sequence, geometry: Geometry, *, ident: str, title: str, description: str) -> str:
    """The picture as an `svg` element. `ident` is unique in the page; `title`, `description` are for screen readers."""
    return ET.tostring(_Canvas(sequence, geometry).picture(ident, title, description), encoding="unicode")


class _Canvas:
    """One diagram, drawn from top to bottom; `_y` is where the next event begins."""

    def __init__(self, sequence: Sequence, geometry: Geometry) -> None:
        self._sequence = sequence
        self._geometry = geometry
        columns = geometry.columns(len(sequence.lifelines))
        self._x: Final = {line.key: x for line, x in zip(sequence.lifelines, columns, strict=True)}
        self._width: Final = columns[-1] + geometry.margin
        self._drawn: Final = ET.Element("g")
        self._y = 0.0

    def picture(self, ident: str, title: str, description: str) -> ET.Element:
        self._heads()
        top = self._y
        self._y += 12
        for event in self._sequence.events:
            self._event(event)
        height = self._y + 4
        box = {"viewBox": f"0 0 {_n(self._width)} {_n(height)}", "width": _n(self._width), "height": _n(height)}
        names = {
            "role": "img",
            "aria-labelledby": f"{ident}-title {ident}-text",
            "class": f"sequence {self._geometry.name}",
        }
        root = ET.Element("svg", {**names, **box})
        _text_element(root, "title", plain_line(title), id=f"{ident}-title")
        _text_element(root, "desc", plain_line(description), id=f"{ident}-text")
        for key, x in self._x.items():
            kind = "lifeline gateway" if key == GATEWAY else "lifeline"
            ET.SubElement(root, "path", {"class": kind, "d": f"M{_n(x)} {_n(top)}V{_n(height)}"})
        root.append(self._drawn)
        return root

    # --- heads ------------------------------------------------------------------------------------

    def _heads(self) -> None:
        """A box for each party, all as high as the highest."""
        geometry = self._geometry
        width = min(self._gap() - 10, 2 * geometry.margin - 6)
        texts = []
        for line in self._sequence.lifelines:
            rows = [("head", each) for each in wrap(plain_line(line.title), width - 8, geometry.size)]
            for detail in line.details:
                rows += [("head-detail", each) for each in wrap(plain_line(detail), width - 8, geometry.small)]
            texts.append(rows)
        height = 12 + max(len(rows) for rows in texts) * geometry.size * _LINE
        for line, rows in zip(self._sequence.lifelines, texts, strict=True):
            kind = "party gateway" if line.key == GATEWAY else "party"
            self._box(kind, self._x[line.key] - width / 2, 1, width, height)
            for number, (style, text) in enumerate(rows):
                y = 6 + (number + 0.95) * geometry.size * _LINE
                self._text(style, text, self._x[line.key], y, "middle")
        self._y = height + 1

    def _gap(self) -> float:
        columns = tuple(self._x.values())
        return columns[1] - columns[0] if len(columns) > 1 else self._geometry.gap

    # --- events -----------------------------------------------------------------------------------

    def _event(self, event: Event) -> None:
        if isinstance(event, Arrow):
            self._arrow(event)
        else:
            self._note(event)

    def _arrow(self, arrow: Arrow) -> None:
        start, end = self._x[arrow.start], self._x[arrow.end]
        left, width = self._room(min(start, end), max(start, end))
        x = left + width / 2 if self._geometry.anchor == "middle" else left
        self._lines("label", arrow.words, x, width)
        self._y += 6 + self._height_above(arrow)
        self._line(arrow, start, end)
        self._y += 4
        if arrow.reason:
            self._lines("reason", arrow.reason, x, width)
        self._y += 14

    def _line(self, arrow: Arrow, start: float, end: float) -> None:
        """The line with its head, or with a cross where it stops."""
        y, sign = self._y, 1 if end > start else -1
        tip = start + sign * min(abs(end - start) - 14, 60) if arrow.stopped else end - sign * 2
        path = f"M{_n(start)} {_n(y)}"
        gateway = self._x[GATEWAY]
        if self._goes_past_the_gateway(start, tip):
            path += f"H{_n(gateway - sign * _HOP)}a{_n(_HOP)} {_n(_HOP)} 0 0 {int(sign > 0)} {_n(sign * 2 * _HOP)} 0"
        path += f"H{_n(tip)}"
        kind = f"arrow {arrow.way}{' stopped' if arrow.stopped else ''}"
        self._path(kind, path)
        if arrow.stopped:
            self._path("cross", f"M{_n(tip)} {_n(y - _CROSS)}l12 12m0 -12l-12 12")
        else:
            back = _n(-sign * _HEAD)
            self._path(f"tip {arrow.way}", f"M{_n(tip + sign * 2)} {_n(y)}l{back} -4v8z")

    def _height_above(self, arrow: Arrow) -> float:
        """Of what stands above an arrow's line: a bow, a cross."""
        if arrow.stopped:
            return _CROSS
        return _HOP if self._goes_past_the_gateway(self._x[arrow.start], self._x[arrow.end]) else 0

    def _goes_past_the_gateway(self, start: float, end: float) -> bool:
        gateway = self._x[GATEWAY]
        return min(start, end) < gateway - _HOP and max(start, end) > gateway + _HOP

    def _note(self, note: Note) -> None:
        """A box on its party's lifeline; on phones as wide as the picture, with a notch at the lifeline."""
        geometry = self._geometry
        center = self._x[note.at]
        left, width = self._room(center - geometry.span / 2, center + geometry.span / 2)
        rows = [
            ("note-words", each)
            for each in wrap(f"{note.tone.mark} {plain_line(note.words)}", width - 20, geometry.size * 1.06)
        ]
        for line in note.lines:
            rows += [("note-line", each) for each in wrap(plain_line(line), width - 20, geometry.small)]
        height = 14 + sum(self._height_of(style) for style, _ in rows)
        self._path(f"note {note.tone}", _notched(left, self._y, width, height, center))
        y = self._y + 4
        for style, text in rows:
            y += self._height_of(style)
            self._text(style, text, left + 10, y - 2, "start")
        self._y += height + 14

    def _room(self, left: float, right: float) -> tuple[float, float]:
        """Where a label or note between two places begins and how wide it may be, inside of the picture."""
        width = min(max(right - left, self._geometry.span), self._width - 2)
        middle = (left + right) / 2
        return min(max(middle - width / 2, 1), self._width - width - 1), width

    # --- elements ---------------------------------------------------------------------------------

    def _lines(self, style: str, text: str, x: float, width: float) -> None:
        size = self._geometry.size if style == "label" else self._geometry.small
        for line in wrap(plain_line(text), width - 12, size):
            self._y += size * _LINE
            self._text(style, line, x, self._y, self._geometry.anchor)

    def _height_of(self, style: str) -> float:
        return _LINE * (self._geometry.size if style == "note-words" else self._geometry.small)

    def _text(self, style: str, text: str, x: float, y: float, anchor: str) -> None:
        size = self._geometry.small if style in ("reason", "note-line", "head-detail") else self._geometry.size
        places = {"x": _n(x), "y": _n(y), "font-size": _n(size), "text-anchor": anchor}
        _text_element(self._drawn, "text", text, **{"class": style}, **places)

    def _box(self, style: str, x: float, y: float, width: float, height: float) -> None:
        places = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height), "rx": "5"}
        ET.SubElement(self._drawn, "rect", {"class": style, **places})

    def _path(self, style: str, path: str) -> None:
        ET.SubElement(self._drawn, "path", {"class": style, "d": path})


def _notched(left: float, top: float, width: float, height: float, notch: float) -> str:
    """A box whose upper edge points up at `notch`."""
    return f"M{_n(left)} {_n(top)}H{_n(notch - 6)}l6 -6l6 6H{_n(left + width)}v{_n(height)}h{_n(-width)}z"


def _text_element(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
