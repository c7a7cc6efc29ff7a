"""Read a YAML file so that every mistake in it can be shown with its place.

One reader for the rule files, the gateway's file, the controller's file and the lab's: a pydantic model says what
is allowed, this module says where the file differs from it, all differences at once, in the manner of a compiler:

    rules.yaml:12:9: unknown action 'tunel' (did you mean 'tunnel'?); allowed: tunnel, bypass, block, proxy

The files are YAML 1.2; JSON reads too.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import ErrorDetails, PydanticKnownError

from dtr_rules.located_yaml import Document, KeyPath
from dtr_rules.mistakes import Mistake, Place, UnusableFileError, suggestion

__all__ = [
    "Duration",
    "FormatVersion",
    "KeyPath",
    "Mistake",
    "Model",
    "Place",
    "Port",
    "Source",
    "UnusableFileError",
    "parse",
    "read",
    "read_text",
    "suggestion",
]

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_MISTAKES: Final = 200
LONGEST: Final = 36_500 * 86_400.0
"""Seconds that any span of time in a file may have; dates and clocks can still be computed with it."""


class Model(BaseModel):
    """What a mapping in a file may hold: immutable, no unknown keys, `like_this` in code is `like-this` in the file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        validate_default=True,
    )


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source(Generic[M]):
    """A file that was read: its content as a model, and the place of everything in it."""

    content: M
    file: str
    places: Mapping[KeyPath, Place] = field(repr=False)

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`, or of the nearest thing around it that the file does hold."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]

    def mistake(self, message: str, *path: str | int) -> Mistake:
        return Mistake(self.place(*path), message)


def read(path: Path, model: type[M]) -> Source[M]:
    """Read the file at `path` as a `model`.

    Raises UnusableFileError for a file that is missing, unreadable, too large, not UTF-8, not YAML or not a `model`.
    """
    return parse(read_text(path), str(path), model)


def read_text(path: Path) -> str:
    """The text of the file at `path`.

    Raises UnusableFileError for a file that is missing, unreadable, too large or not UTF-8.
    """
    start = Place(str(path), 1, 1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableFileError([Mistake(start, f"cannot read this file: {error.strerror}")]) from error
    if len(raw) > MAX_BYTES:
        raise UnusableFileError([Mistake(start, f"larger than {MAX_BYTES // 1024 // 1024} MiB")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        place = Place(str(path), before.count("\n") + 1, len(before) - before.rfind("\n"))
        mistake = Mistake(place, "not UTF-8 text; save the file as UTF-8")
        raise UnusableFileError([mistake]) from error


def parse(text: str, file: str, model: type[M]) -> Source[M]:
    """Read `text` as a `model`; `file` is the name to show. Raises UnusableFileError."""
    document = Document(file)
    data = document.load(text)
    if data is None and document.mistakes:
        raise UnusableFileError(_first(document.mistakes, len(document.mistakes)))
    try:
        content = model.model_validate(data, by_alias=True, by_name=False)
    except pydantic.ValidationError as error:
        details = [detail for detail in error.errors(include_url=False) if not _is_echo(detail)]
        raise UnusableFileError(_mistakes(document, model, details)) from None
    if document.mistakes:
        raise UnusableFileError(_first(document.mistakes, len(document.mistakes)))
    return Source(content, file, document.places)


# --- values that several files share -------------------------------------------------------------------------------

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(value: object) -> object:
    if isinstance(value, float):
        return _in_bounds(value)  # a default, already in seconds
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a time with its unit, such as 500ms, 10s, 5m, 12h or 7d")
    return _in_bounds(float(found[1]) * _SECONDS[found[2]])


def _in_bounds(seconds: float) -> float:
    if not 0 <= seconds <= LONGEST:  # what is not a number is not in them either
        raise ValueError("must be a time of at most 36500d")
    return seconds


Duration = Annotated[float, BeforeValidator(_seconds)]
"""A span of time: seconds in code, `10s`, `5m`, `12h` in a file."""


def _exactly(value: object) -> object:
    if value == 1 and type(value) is not int:  # `true` and `1.0` equal 1 without being a version
        raise PydanticKnownError("literal_error", {"expected": "1"})
    return value


FormatVersion = Annotated[Literal[1], BeforeValidator(_exactly)]
"""The version of a file's format: 1."""

Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
"""A TCP port."""


# --- pydantic's findings into the field's words --------------------------------------------------------------------

_KINDS = {
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}


def _mistakes(document: Document, model: type[BaseModel], errors: list[ErrorDetails]) -> list[Mistake]:
    """Every mistake, the document's and the model's, up to so many that nobody reads on."""
    about_model = [_mistake(document, model, error) for error in errors[:MAX_MISTAKES]]
    found = document.mistakes + [each for each in about_model if each.place not in document.unfit]
    return _first(found, len(found) + len(errors[MAX_MISTAKES:]))


def _first(found: list[Mistake], count: int) -> list[Mistake]:
    """The first MAX_MISTAKES of the mistakes that were `found`, and how many of the `count` are left out."""
    if count <= MAX_MISTAKES:
        return found
    shown = sorted(found)[:MAX_MISTAKES]
    return [*shown, Mistake(shown[-1].place, f"… and {count - MAX_MISTAKES} more mistakes; mend these first")]


def _mistake(document: Document, model: type[BaseModel], error: ErrorDetails) -> Mistake:
    path = _in_file(document, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        allowed = _allowed_keys(model, path[:-1])
        key = f"{_show(path[-1])}{_near(path[-1], allowed)}"
        return Mistake(document.keys[path], f"unknown key {key}; allowed: {', '.join(allowed)}")
    if kind == "missing":
        return Mistake(document.places[path], f"'{error['loc'][-1]}' is missing")
    message = _message(kind, _name(path), error)
    return Mistake(document.places[path], message if len(message) <= 500 else f"{message[:496]} …")


def _in_file(document: Document, loc: tuple[str | int, ...]) -> KeyPath:
    """pydantic's path without what only the model knows: branches of a union, keys that are missing."""
    path: KeyPath = ()
    for part in loc:
        if (*path, part) in document.places:
            path = (*path, part)
    return path


def _is_echo(error: ErrorDetails) -> bool:
    """pydantic counts only the good items of a list: a list whose items are wrong is also called too short."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _message(kind: str, name: str, error: ErrorDetails) -> str:
    found, context = error["input"], error.get("ctx", {})
    if kind in ("enum", "literal_error"):
        expected = str(context.get("expected", ""))
        allowed = re.findall(r"'([^']*)'", expected)
        near = _near(found, allowed)
        what = name.replace("an item of", "value in")
        return f"unknown {what} {_show(found)}{near}; allowed: {', '.join(allowed) or expected}"
    if kind == "value_error":
        return f"{name} {_show(found)}: {context['error']}" if _plain(found) else f"{name}: {context['error']}"
    if kind == "too_short":
        return f"{name} must not be empty" if context["min_length"] == 1 else f"{name}: {error['msg']}"
    if kind in _KINDS:
        hint = "; quote it" if kind == "string_type" and isinstance(found, bool | int | float) else ""
        return f"{name} must be {_KINDS[kind]}, found {_show(found)}{hint}"
    message = error["msg"].replace("Input should be", "must be").replace("Value should", "must")
    return f"{name} {message[:1].lower()}{message[1:]}, found {_show(found)}"


def _name(path: KeyPath) -> str:
    words = [part for part in path if isinstance(part, str)]
    if not words:
        return "this file"
    return words[-1] if isinstance(path[-1], str) else f"an item of {words[-1]}"


def _near(found: object, allowed: list[str]) -> str:
    return suggestion(found, allowed) if isinstance(found, str) and len(found) <= 100 else ""


def _plain(found: object) -> bool:
    return isinstance(found, str | int | float)


def _show(found: object) -> str:
    if found is None:
        return "nothing"
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, list):
        return "a list" if found else "an empty list"
    if isinstance(found, bool):
        return str(found).lower()
    shown = found[:200] if isinstance(found, str) else found
    text = re.sub(r"//[^/@\s]+@", "//…@", repr(shown))  # a URL may hold a password
    return text if len(text) <= 80 else f"{text[:76]}…'"


def _allowed_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the mapping at `path` may hold, found by walking the model's annotations."""
    kinds: list[Any] = [model]
    for part in path:
        kinds = [inner for kind in kinds for inner in _step(kind, part)]
    names = [info.alias or name for kind in kinds if _is_model(kind) for name, info in kind.model_fields.items()]
    return list(dict.fromkeys(names))


def _step(kind: Any, part: str | int) -> list[Any]:
    if _is_model(kind):
        fields = (info for name, info in kind.model_fields.items() if (info.alias or name) == part)
        return [inner for info in fields for inner in _branches(info.annotation)]
    arguments = typing.get_args(kind)
    if isinstance(part, int) and arguments:
        return _branches(arguments[0])
    if typing.get_origin(kind) in (dict, Mapping) and arguments:
        return _branches(arguments[-1])
    return [kind]  # the tag of a union: it stands in pydantic's path, not in the file


def _branches(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _branches(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [branch for argument in typing.get_args(annotation) for branch in _branches(argument)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
