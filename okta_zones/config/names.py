"""Texts and file names as the file writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Text = Annotated[str, Field(min_length=1, max_length=256)]
FileName = Annotated[str, Field(min_length=1)]
