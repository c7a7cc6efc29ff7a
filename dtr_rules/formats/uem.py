"""The UEM's JSON: the rule set as a device gets it (`GET /api/mdm/devices/{deviceUuid}/tunnel/profile`, version 1).

Both the rule set alone (`tunnel_mode`, `default_action`, `payload`) and the whole profile around it
(`device_traffic_rule_set` and its neighbours) are read. Reading and writing lose nothing: `write_uem(uem_data(text))`
is JSON-equal to `text`.

What is read into it: an empty or missing list of applications is all apps; WIN_RT is Windows and APPLE_OS_X macOS; the
order of a platform's list is the order of its rules, and ranks (`serial_number`) that contradict it are refused. Rules
of platforms that ours cannot name stay as they are and decide nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from dtr_rules.formats.located_json import JsonDocument
from dtr_rules.formats.uem_reading import Converted, convert
from dtr_rules.formats.uem_words import PLATFORMS, RULE_SET
from dtr_rules.formats.uem_writing import uem_document
from dtr_rules.formats.yaml import Format, RuleSetFile, SetEntry, rule_set_file
from dtr_rules.source import Mistake, Source, UnusableFileError

_TELLING: Final = (RULE_SET, "tunnel_mode", "default_action", "payload")


def is_uem(text: str) -> bool:
    """Whether `text` is the UEM's JSON, by its content: an object with the UEM's keys and no `version` of ours.

    Text that is no JSON because of a mistake counts too, where it speaks of those keys.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] != "{":
        return False
    telling = re.search(rf'"({"|".join(_TELLING)})"\s*:', text) is not None
    if not telling or "version" not in text:
        return telling
    data = JsonDocument("").load(text.removeprefix("\ufeff"))
    if isinstance(data, dict):
        return "version" not in data and any(key in data for key in _TELLING)
    return re.search(r'"(device_traffic_rule_set|tunnel_mode|default_action)"\s*:', text) is not None


def parse_uem(text: str, file: str) -> RuleSetFile:
    """Read `text` as the UEM's JSON; `file` is the name to show. Raises UnusableFileError."""
    document, converted = _converted(text, file)
    if converted is None:
        raise UnusableFileError(document.mistakes)
    try:
        entry = SetEntry.model_validate(converted.data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise UnusableFileError(_mistakes(error, converted)) from None
    return rule_set_file(Source(entry, file, converted.places), text, Format.UEM)


def uem_data(text: str) -> dict[str, Any]:
    """The UEM's JSON in `text`, which `parse_uem` has read, as plain data in the words of our YAML."""
    document, converted = _converted(text, "")
    if converted is None:
        raise UnusableFileError(document.mistakes)
    return converted.data


def write_uem(data: Mapping[str, Any]) -> str:
    """The UEM's JSON for a rule set file of ours, given as plain data and read without a mistake."""
    text = json.dumps(uem_document(data), indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text) + "\n"


def not_in_uem(data: Mapping[str, Any]) -> list[str]:
    """What of a rule set file of ours the UEM's JSON has no word for, in words."""
    kept = data.get("uem") or {}
    names = "the names of rules" if "name" in kept.get("rule-set", {}) else "the names of the set and of its rules"
    keys = ("profile-apps", "wildcard-matches-apex", "tests", "silence")
    return [names, *(f"'{key}'" for key in keys if data.get(key))]


def not_judged(data: Mapping[str, Any]) -> list[str]:
    """The platforms whose rules stay as they are because ours cannot name them."""
    payload = (data.get("uem") or {}).get("payload", [])
    words = [entry.get("platform") for entry in payload]
    return [str(word) for word in words if not (isinstance(word, str) and word in PLATFORMS)]


def _converted(text: str, file: str) -> tuple[JsonDocument, Converted | None]:
    document = JsonDocument(file)
    data = document.load(text.removeprefix("\ufeff"))
    is_broken = data is None and document.mistakes
    return document, None if is_broken else convert(document, data)


def _mistakes(error: ValidationError, converted: Converted) -> list[Mistake]:
    """The place of whatever our format refuses beyond what the conversion has checked."""
    mistakes = []
    for each in error.errors(include_url=False):
        path = each["loc"]
        while path not in converted.places:
            path = path[:-1]
        mistakes.append(Mistake(converted.places[path], f"{each['loc'][-1] if each['loc'] else ''}: {each['msg']}"))
    return mistakes
