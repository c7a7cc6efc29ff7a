"""Where the plain data of a file says two things that do not go together, and how to walk such data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ModelWrapValidatorHandler, ValidationError
from pydantic_core import InitErrorDetails

from dtr_rules.source import KeyPath

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where the file contradicts itself, the value there, and how to mend it."""

    path: KeyPath
    value: object
    message: str


def mappings(data: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings in the list under `key`, with their indexes; what is none is somebody else's finding."""
    entries = data.get(key)
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield index, entry


def names_twice(data: dict[str, Any], key: str, what: str) -> Iterator[Contradiction]:
    """Entries in the list under `key` whose name an earlier one has."""
    first: dict[str, int] = {}
    for index, entry in mappings(data, key):
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            message = f"{what} {first[name] + 1} has this name already; every {what} needs its own"
            yield Contradiction((key, index, "name"), name, message)
        first.setdefault(name, index)


def with_contradictions(
    title: str, data: Any, handler: ModelWrapValidatorHandler[M], contradictions: Iterable[Contradiction]
) -> M:
    """What `handler` makes of `data`. What is wrong between entries is shown together with what is wrong in one,
    not after that has been mended. `title` is the model's name."""
    found: list[InitErrorDetails] = [_detail(each) for each in contradictions]
    try:
        entry = handler(data)
    except ValidationError as error:
        found = [*_again(error), *found]
    if found:
        raise ValidationError.from_exception_data(title, found)
    return entry


def _detail(found: Contradiction) -> InitErrorDetails:
    error = ValueError(found.message)
    return {"type": "value_error", "loc": found.path, "input": found.value, "ctx": {"error": error}}


def _again(error: ValidationError) -> list[InitErrorDetails]:
    return [
        {"type": each["type"], "loc": each["loc"], "input": each["input"], "ctx": each.get("ctx", {})}
        for each in error.errors(include_url=False)
    ]
