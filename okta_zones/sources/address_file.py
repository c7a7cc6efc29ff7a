"""A source that is a file, or standard input: `--addresses FILE|-`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from okta_zones.addresses import AddressError
from okta_zones.errors import UnusableInputError
from okta_zones.sources.address_text import MOST_BYTES, read_addresses
from okta_zones.sources.report import Report

STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class AddressFile:
    """The addresses that a file holds in any of the forms of okta_zones.sources.address_text.

    `path` is `-` for standard input; `output` the only output of Terraform that counts.
    """

    path: str
    standard_input: BinaryIO
    output: str | None = None

    @property
    def key(self) -> str:
        return f"addresses {self.path}"

    @property
    def title(self) -> str:
        return "standard input" if self.path == STANDARD_INPUT else self.path

    def report(self) -> Report:
        """Read it. Raises UnusableInputError for a file that cannot be read, or that holds something else."""
        try:
            text = self._read().decode("utf-8-sig")
            return Report(self.title, read_addresses(text, self.output))
        except UnicodeDecodeError:
            raise UnusableInputError(f"{self.title}: not UTF-8 text") from None
        except AddressError as error:
            raise UnusableInputError(f"{self.title}: {error}") from None

    def _read(self) -> bytes:
        try:
            if self.path == STANDARD_INPUT:
                content = self.standard_input.read(MOST_BYTES + 1)
            else:
                with open(self.path, "rb") as stream:  # noqa: PTH123  the name is shown as it was given
                    content = stream.read(MOST_BYTES + 1)
        except OSError as error:
            raise UnusableInputError(f"{self.title}: cannot read this file: {error.strerror}") from None
        if len(content) > MOST_BYTES:
            raise UnusableInputError(f"{self.title}: larger than {MOST_BYTES // 1024 // 1024} MiB")
        return content
