"""An application configuration for Android in the UEM's own XML: `<characteristic>` with `<parm name="" value=""/>`."""

from __future__ import annotations

import re
from typing import Any, Final
from xml.parsers import expat

from dtr_rules.mistakes import Mistake, Place, UnusableFileError
from dtr_rules.source import KeyPath
from lab.kit.check.content import Content

_TELLING: Final = re.compile(r"<characteristic\b|<wap-provisioningdoc\b")


def is_android_xml(text: str) -> bool:
    """Whether `text` is that form."""
    return _TELLING.search(text[:4000]) is not None


def read_android_xml(text: str, file: str) -> Content:
    """The parameters as plain data, names to values. Raises UnusableFileError."""
    found: dict[str, Any] = {}
    places: dict[KeyPath, Place] = {}
    parser = expat.ParserCreate()

    def place() -> Place:
        return Place(file, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def refuse(*_declaration: object) -> None:
        raise UnusableFileError([Mistake(place(), "declares an entity of its own; this is refused")])

    def start(name: str, attributes: dict[str, str]) -> None:
        places.setdefault((0,), place())
        if name != "parm":
            return
        key = attributes.get("name", "")
        if key in found:
            raise UnusableFileError([Mistake(place(), f"'{key[:80]}' stands here for the second time")])
        found[key] = attributes.get("value", "")
        places[(0, key)] = place()

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise UnusableFileError([Mistake(place(), f"not XML: {expat.ErrorString(error.code)}")]) from None
    return Content(file, [found], places, places)
