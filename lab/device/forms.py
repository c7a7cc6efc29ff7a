"""Real HTML forms, filled the way a person fills them: user name, password, code, the rest as it came."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

_VOID: Final = frozenset({"input", "br", "img", "meta", "link", "hr"})
_NOISE: Final = frozenset({"script", "style", "head", "form"})
_CODE: Final = "one-time-code"
"""What the HTML standard calls a field for a second factor's code (4.10.18.7, autofill)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form. `autofill` is what its page says that belongs into it."""

    name: str
    kind: str
    value: str
    autofill: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is sent by POST; `action` is an absolute URL."""

    action: str
    fields: tuple[Field, ...]

    def wants_password(self) -> bool:
        return any(field.kind == "password" for field in self.fields)

    def wants_code(self) -> bool:
        return any(field.autofill == _CODE for field in self.fields)

    def filled(self, user: str, password: str, code: str = "") -> dict[str, str]:
        """What to send: user name, password and code where they belong, hidden fields as they came."""
        typed = {"text": user, "email": user, "password": password}
        return {
            field.name: code if field.autofill == _CODE else typed.get(field.kind, field.value)
            for field in self.fields
            if field.name
        }


@dataclass(frozen=True, slots=True)
class Page:
    """What a person gets to see of an HTML page, and its first POST form."""

    form: Form | None
    alert: str
    """The text of the elements with role="alert"."""
    text: str
    """All the visible text outside forms, for pages that carry nothing but a message."""


def read_page(html: str, url: str) -> Page:
    """Read the page that stood at `url`."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    form = Form(reader.action, tuple(reader.fields)) if reader.action is not None else None
    return Page(form, _plain(reader.alert), _plain(reader.text))


def _plain(parts: list[str]) -> str:
    return " ".join(" ".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self._open: list[tuple[str, bool]] = []
        self._in_form = False
        self.action: str | None = None
        self.fields: list[Field] = []
        self.alert: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, found.get("role") == "alert"))
        if tag == "form" and self.action is None and found.get("method", "").lower() == "post":
            self.action = urljoin(self._url, found.get("action", ""))
            self._in_form = True
        if tag == "input" and self._in_form:
            kind, autofill = found.get("type", "text").lower(), found.get("autocomplete", "").lower()
            self.fields.append(Field(found.get("name", ""), kind, found.get("value", ""), autofill))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        while any(name == tag for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(alert for _, alert in self._open):
            self.alert.append(data)
        if not any(name in _NOISE for name, _ in self._open):
            self.text.append(data)
