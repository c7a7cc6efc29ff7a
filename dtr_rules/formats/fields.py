"""The kinds of value that the entries of our own format share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, WrapValidator
from pydantic_core import PydanticKnownError

from dtr_rules.proxies import parse_proxy

MAX_TITLE = 100
MAX_APP = 260  # the longest path of an executable on Windows


def _title(text: str, most: int = MAX_TITLE) -> str:
    if not text.strip():
        raise ValueError("is empty; give it a name")
    if text != text.strip() or not text.isprintable():
        raise ValueError("has a space at an end, or a character that cannot be shown; remove it")
    if len(text) > most:
        raise ValueError(f"is longer than {most} characters")
    return text


def _app(text: str) -> str:
    if text == "all":
        raise ValueError("for every app write 'apps: all', without a list")
    if "*" in text:
        raise ValueError("an app is named in full, without '*'; for every app write 'apps: all'")
    return _title(text, MAX_APP)


def from_text(parse: Callable[[str], object]) -> PlainValidator:
    """Text that `parse` reads; its ValueError is the mistake to show."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return parse(value)

    return PlainValidator(read, json_schema_input_type=str)


def all_or(items: str) -> WrapValidator:
    """`all` becomes None; anything else must be a list."""

    def read(value: object, handler: Callable[[object], object]) -> object:
        if value == "all":
            return None
        if isinstance(value, list):
            return handler(value)
        raise ValueError(f"must be all or a list of {items}")

    return WrapValidator(read)


def _not_empty(value: list[object]) -> list[object]:
    if not value:
        raise ValueError("the list is empty; name at least one")
    return value


Title = Annotated[str, AfterValidator(_title)]
AppId = Annotated[str, AfterValidator(_app)]
NonEmpty = AfterValidator(_not_empty)
AppList = Annotated[list[AppId], NonEmpty]
Proxy = Annotated[str, AfterValidator(parse_proxy)]
