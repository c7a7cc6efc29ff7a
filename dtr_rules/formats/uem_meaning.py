"""What parts of a UEM rule mean in our words: used to read them, and to see whether a kept one still says the same.

A part that is written in another way than ours (`[" a.example", "b.example,c.example"]`) is kept verbatim beside its
meaning; it goes back as it was while the meaning has not been changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dtr_rules.formats.fields import Title
from dtr_rules.model import Action
from dtr_rules.proxies import parse_proxy

_TITLE: Final[TypeAdapter[str]] = TypeAdapter(Title)


def destinations(items: object) -> list[str]:
    """The destinations of a list: comma-separated texts split, spaces around them and empty ones left out."""
    return [text for _, text in split(items)]


def split(items: object) -> Iterator[tuple[int, str]]:
    """The same, each with the index of the item that it stands in."""
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, str):
            yield from ((index, part.strip()) for part in item.split(",") if part.strip())


def apps(applications: object) -> list[str] | None:
    """The app ids of a list of applications; None, which is all apps, where it is empty or not there."""
    if not isinstance(applications, list) or not applications:
        return None
    return [str(each["bundle_id"]) for each in applications if isinstance(each, dict) and "bundle_id" in each]


def proxy(action: Action, host: object) -> str | None:
    """The proxy that `host` names, normalised; None where the action has none. Raises ValueError."""
    if not action.needs_proxy:
        return None
    text = proxy_text(host)
    return None if text is None else parse_proxy(text)


def proxy_text(host: object) -> str | None:
    """`https://proxy.example:3128`, or the `host` of a mapping such as a rule's action."""
    if isinstance(host, dict):
        host = host.get("host")
    return host if isinstance(host, str) and host else None


def rank(serial_number: Any) -> int | None:
    """A serial number's place in the order; None where it is no number."""
    text = str(serial_number) if isinstance(serial_number, str | int) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def is_title(name: object) -> bool:
    """Whether a set of ours may have this name."""
    try:
        _TITLE.validate_python(name, strict=True)
    except ValidationError:
        return False
    return True
