"""Values in the forms that consoles take: property lists, JSON."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Mapping
from typing import Any


def plist(value: Mapping[str, Any]) -> str:
    """A whole property list (XML)."""
    return plistlib.dumps(dict(value), sort_keys=False).decode()


def plist_dict(value: Mapping[str, Any]) -> str:
    """The `<dict>` alone: what a console's Custom XML field wants."""
    _, _, inside = plist(value).partition('<plist version="1.0">\n')
    return inside.removesuffix("</plist>\n")


def json_text(value: object) -> str:
    """JSON for people: indented, ends with a line break."""
    return json.dumps(value, indent=2) + "\n"
