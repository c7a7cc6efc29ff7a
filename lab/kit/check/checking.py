"""Check a file: first what it is, by its content, then what is wrong with it."""

from __future__ import annotations

import datetime as dt
import plistlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dtr_rules.formats import uem
from dtr_rules.formats.located_json import JsonDocument
from dtr_rules.formats.reading import parse_any
from dtr_rules.lint.finding import Severity
from dtr_rules.mistakes import Mistake, Place, UnusableFileError
from dtr_rules.source import KeyPath
from lab.kit.check import (
    android_xml,
    app_keys,
    entra_access,
    okta_policy,
    okta_zone,
    profile,
    traffic_table,
    windows_line,
)
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.check.plist_document import MAX_DEPTH, MAX_VALUES, PlistDocument

MAX_BYTES: Final = 1024 * 1024
_KNOWN: Final = (
    "an application configuration (plist, JSON, Android XML), a .mobileconfig or a payload of one, a Windows install "
    "line, device traffic rules (the UEM's JSON, a table, a rule set), a network zone, rules of a policy, a named "
    "location, a conditional access policy"
)
_SIGNED: Final = (
    "a signed profile: what it holds is inside the signature. Unwrap it first: "
    "openssl cms -verify -noverify -inform DER -in FILE -out unsigned.mobileconfig"
)
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # the object identifier of CMS signed-data (RFC 5652)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with what it is and what was found, in the order of the file."""

    file: str
    kind: str
    findings: tuple[Finding, ...]

    @property
    def fails(self) -> bool:
        """Whether an error or a warning was found."""
        return any(finding.counts for finding in self.findings)


def check(path: Path, expected: Expected, today: dt.date) -> Checked:
    """Check the file at `path`. Raises UnusableFileError for what cannot be read, or is nothing that is known here."""
    raw = _read(path)
    kind, findings = _judge(raw, str(path), expected, today)
    return Checked(str(path), kind, tuple(sorted(findings, key=_order)))


def _order(finding: Finding) -> tuple[Place, int]:
    return finding.place, list(Severity).index(finding.severity)


def _read(path: Path) -> bytes:
    start = Place(str(path), 1, 1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableFileError([Mistake(start, f"cannot read this file: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise UnusableFileError([Mistake(start, f"larger than {MAX_BYTES // 1024 // 1024} MiB")])
    return raw


def _judge(raw: bytes, file: str, expected: Expected, today: dt.date) -> tuple[str, Iterable[Finding]]:
    start = Place(file, 1, 1)
    if _SIGNED_DATA in raw[:64] or raw.startswith((b"-----BEGIN PKCS7", b"-----BEGIN CMS")):
        raise UnusableFileError([Mistake(start, _SIGNED)])
    if raw.startswith(b"bplist"):
        return _of_plist(_binary(raw, start), expected)
    text = _text(raw, file)
    body = text.lstrip()
    if body.startswith("<"):
        if android_xml.is_android_xml(text):
            return "application configuration (Android XML)", app_keys.check_mobile(
                android_xml.read_android_xml(text, file), (0,), expected
            )
        document = PlistDocument(file)
        return _of_plist(Content(file, document.load(text), document.places, document.keys), expected)
    if uem.is_uem(text) or re.search(r"^version\s*:", text, re.MULTILINE):
        return "device traffic rules", traffic_table.check_rules(parse_any(text, file), expected, today)
    if body.startswith(("{", "[")):
        return _of_json(_json(text, file), expected)
    if traffic_table.is_table(text):
        rules = traffic_table.check_rules(traffic_table.read_table(text, file), expected, today)
        return "device traffic rules (a table)", [*traffic_table.check_spaces(text, file), *rules]
    if windows_line.is_install_line(text):
        return "Windows install line", windows_line.check_install_line(text, file, expected)
    raise UnusableFileError([Mistake(start, f"nothing that is known here; known: {_KNOWN}")])


def _text(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise UnusableFileError([Mistake(place, "not UTF-8 text; save the file as UTF-8")]) from None


def _binary(raw: bytes, start: Place) -> Content:
    """A binary plist has no lines: everything is told at its beginning."""
    try:
        data = plistlib.loads(raw, fmt=plistlib.FMT_BINARY)
    except (plistlib.InvalidFileException, ValueError, OverflowError, RecursionError, IndexError) as error:
        raise UnusableFileError([Mistake(start, f"not a binary property list: {error}")]) from None
    _check_binary(data, start)
    return Content(start.file, [data], {}, {})


def _check_binary(data: Any, start: Place) -> None:
    """Its objects may stand in each other many times over, and its keys may be anything."""
    waiting, count = [(data, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if count > MAX_VALUES or depth > MAX_DEPTH:
            words = f"more than {MAX_VALUES} values, or nested more than {MAX_DEPTH} deep"
            raise UnusableFileError([Mistake(start, words)])
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise UnusableFileError([Mistake(start, "a key of a dictionary is no text")])
            waiting += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _json(text: str, file: str) -> Content:
    document = JsonDocument(file)
    data = document.load(text)
    if document.mistakes:
        raise UnusableFileError(document.mistakes)
    return Content(file, data, document.places, document.keys)


def _of_plist(content: Content, expected: Expected) -> tuple[str, Iterable[Finding]]:
    first = content.data[0]
    if profile.is_profile(first):
        return "configuration profile", profile.check_profile(content, (0,), expected)
    if profile.is_payload(first):
        payloads: list[tuple[KeyPath, Mapping[str, Any]]] = [
            ((number,), each) for number, each in enumerate(content.data) if isinstance(each, dict)
        ]
        return "payloads of a profile", profile.check_payloads(content, payloads, expected)
    if isinstance(first, dict):
        return "application configuration", app_keys.check_mobile(content, (0,), expected)
    raise UnusableFileError([Mistake(Place(content.file, 1, 1), f"nothing that is known here; known: {_KNOWN}")])


def _of_json(content: Content, expected: Expected) -> tuple[str, Iterable[Finding]]:
    base, items = _items(content.data)
    found: list[tuple[KeyPath, Any]] = (
        [((*base, number), each) for number, each in enumerate(items)]
        if base or isinstance(content.data, list)
        else [((), content.data)]
    )
    kinds: tuple[tuple[str, Any], ...] = (
        ("network zone", okta_zone.is_zone),
        ("rules of an app sign-in policy", okta_policy.is_rule),
        ("named location", entra_access.is_location),
        ("conditional access policy", entra_access.is_policy),
    )
    for kind, is_kind in kinds:
        chosen = [pair for pair in found if is_kind(pair[1])]
        if chosen:
            return kind, _of_kind(kind, content, chosen, expected)
    managed = _managed_configuration(content)
    if managed is not None:
        return "application configuration (JSON)", app_keys.check_mobile(managed, (0,), expected)
    raise UnusableFileError([Mistake(Place(content.file, 1, 1), f"nothing that is known here; known: {_KNOWN}")])


def _of_kind(kind: str, content: Content, chosen: list[tuple[KeyPath, Any]], expected: Expected) -> Iterator[Finding]:
    if kind == "rules of an app sign-in policy":
        yield from okta_policy.check_rules(content, chosen, expected)
        return
    for path, each in chosen:
        if kind == "network zone":
            yield from okta_zone.check_zone(content, path, each, expected)
        elif kind == "named location":
            yield from entra_access.check_location(content, path, each, expected)
        else:
            yield from entra_access.check_policy(content, path, each, expected)


def _items(data: Any) -> tuple[KeyPath, list[Any]]:
    """The list that a document is, or that Graph's `value` or Okta's `_embedded.rules` holds."""
    if isinstance(data, list):
        return (), data
    if isinstance(data, dict) and isinstance(data.get("value"), list):
        return ("value",), data["value"]
    embedded = data.get("_embedded") if isinstance(data, dict) else None
    if isinstance(embedded, dict) and isinstance(embedded.get("rules"), list):
        return ("_embedded", "rules"), embedded["rules"]
    return (), []


def _managed_configuration(content: Content) -> Content | None:
    """Keys and values: as they are, or as Android's `managedProperty` lists them."""
    data = content.data
    if not isinstance(data, dict) or not data:
        return None
    listed = data.get("managedProperty")
    if not isinstance(listed, list):
        places = {(0, *path): place for path, place in content.places.items()}
        return Content(content.file, [data], places, {(0, *path): place for path, place in content.keys.items()})
    found: dict[str, Any] = {}
    places = {(0,): content.places[("managedProperty",)]}
    for number, entry in enumerate(listed):
        if isinstance(entry, dict) and isinstance(entry.get("key"), str):
            values = [value for name, value in entry.items() if name.startswith("value")]
            found[entry["key"]] = values[0] if values else None
            places[(0, entry["key"])] = content.places[("managedProperty", number)]
    return Content(content.file, [found], places, places)
