"""The knobs of the emulated services, as a scenario's file sets them: `zone-delay: 60s`."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import AfterValidator

from dtr_rules.source import Duration, Model

K = TypeVar("K")

_Time = Annotated[Duration, AfterValidator(lambda seconds: timedelta(seconds=seconds))]


def settings_of(knobs: type[K]) -> type[Model]:
    """A model with every knob of `knobs`, none of them required."""
    kinds = typing.get_type_hints(knobs)
    fields: dict[str, Any] = {
        field.name: (_kind(kinds[field.name]) | None, None)
        for field in dataclasses.fields(knobs)  # type: ignore[arg-type]
    }
    made: type[Model] = pydantic.create_model(f"{knobs.__module__}.Settings", __base__=Model, **fields)
    return made


def knobs_from(knobs: type[K], settings: Model | None) -> K:
    """The knobs with what `settings` sets."""
    given: Mapping[str, Any] = {name: getattr(settings, name) for name in settings.model_fields_set} if settings else {}
    return knobs(**given)


def _kind(kind: Any) -> Any:
    return _Time if kind is timedelta else kind
