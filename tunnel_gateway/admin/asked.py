"""What an endpoint is asked, and how it says that it will not or cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pydantic

from tunnel_gateway.admin.running import Running

M = TypeVar("M", bound=pydantic.BaseModel)


class NotDoneError(Exception):
    """The request is answered with an HTTP status and words for the operator."""

    def __init__(self, status: int, words: str) -> None:
        self.status = status
        self.words = words
        super().__init__(words)


class Question(pydantic.BaseModel):
    """What may stand in a query or a body: nothing unknown."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the guard let through. `body` is JSON, not yet read."""

    query: Mapping[str, str]
    body: bytes = b""

    def query_as(self, model: type[M]) -> M:
        """Raises NotDoneError with 400."""
        return _valid(lambda: model.model_validate(dict(self.query)))

    def body_as(self, model: type[M]) -> M:
        """Raises NotDoneError with 400."""
        return _valid(lambda: model.model_validate_json(self.body or b"{}"))


Endpoint = Callable[[Running, Asked], Awaitable[Mapping[str, Any]]]
"""Answers with the fields of a JSON object. Raises NotDoneError."""


def _valid(read: Callable[[], M]) -> M:
    try:
        return read()
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "the request"
        raise NotDoneError(400, f"{where}: {first['msg']}") from None
