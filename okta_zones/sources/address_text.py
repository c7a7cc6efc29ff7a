"""Addresses as programs and people write them down: plain lines, JSON, `terraform output -json`.

- Plain lines: an address, a CIDR block or a range on each; `#` begins a comment.
- JSON: a list of such texts, or one text.
- `terraform output -json`: an object of outputs, each with a `value`. Of an object, the outputs count whose values are
  addresses; one that holds addresses and something else is refused. Values that Terraform calls sensitive count, too,
  when their output is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union

MOST_BYTES: Final = 1024 * 1024


def read_addresses(text: str, output: str | None = None) -> AddressSet:
    """The addresses in `text`; `output` names the one output of Terraform that counts. Raises AddressError."""
    if output is None and text.lstrip()[:1] not in ("[", "{", '"'):
        return union(_lines(text))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AddressError(f"this is no JSON: {error}") from None
    if isinstance(value, dict):
        return _outputs(value, output)
    if output is not None:
        raise AddressError(f"this holds no output '{output}': it is not from 'terraform output -json'")
    return union(_parsed(value, "the list"))


def _lines(text: str) -> Iterator[AddressSet]:
    for number, line in enumerate(text.splitlines(), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        try:
            yield parse_addresses(word)
        except AddressError as error:
            raise AddressError(f"line {number}: {error}") from None


def _outputs(outputs: Mapping[str, Any], wanted: str | None) -> AddressSet:
    if wanted is not None and wanted not in outputs:
        raise AddressError(f"there is no output '{wanted}'; there are: {', '.join(outputs) or 'none'}")
    found: list[AddressSet] = []
    for name, output in outputs.items():
        if not isinstance(output, dict) or "value" not in output:
            raise AddressError(f"'{name}' is not an output of 'terraform output -json'")
        if name == wanted or (wanted is None and _holds_addresses(output)):
            found += _parsed(output["value"], f"the output '{name}'")
    return union(found)


def _holds_addresses(output: Mapping[str, Any]) -> bool:
    return output.get("sensitive") is not True and any(map(_is_address, _texts(output["value"])))


def _is_address(value: Any) -> bool:
    try:
        parse_addresses(value if isinstance(value, str) else "")
    except AddressError:
        return False
    return True


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parsed(value: Any, where: str) -> Iterator[AddressSet]:
    for each in _texts(value):
        if not isinstance(each, str):
            raise AddressError(f"{where} holds {str(each)[:80]!r}, which is no address")
        try:
            yield parse_addresses(each)
        except AddressError as error:
            raise AddressError(f"{where}: {error}") from None
