"""Okta Verify's keys: in an application configuration, in an SSO extension's data, in a preference domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check import values
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.okta_names import APP_KEYS, MANAGEMENT_HINT, ORG_URL, SERIAL_LOOKUP, UDID_LOOKUP

_CASE: Final = "Okta help, Integrate Okta with your MDM software: the key-value pair is case-sensitive"
_TRUTHS: Final = ("OktaVerify.ReportDiagnostics", "OktaVerify.EnableOSQueryCustomChecks")


def check_mobile(content: Content, path: KeyPath, expected: Expected) -> Iterator[Finding]:
    """The application configuration of a phone, or what an SSO extension is given there."""
    found = _mapping(content, path)
    yield from check_keys(content, path, expected)
    if not any(_means(key, MANAGEMENT_HINT) for key in found):
        yield content.value(
            path,
            f"'{MANAGEMENT_HINT}' is missing: Okta does not see the device as managed",
            f"add {MANAGEMENT_HINT} with the secret key from Okta (on macOS and Windows a certificate stands for it)",
            severity=Severity.WARNING if _looks_like_macos(found) else Severity.ERROR,
        )
    if not any(key == expected.udid_key or value == UDID_LOOKUP for key, value in found.items()):
        yield content.value(
            path,
            "nothing tells Okta the UDID: a device that has to be suspended cannot be found by it",
            f"add {expected.udid_key} with {UDID_LOOKUP} (the key's name is not confirmed)",
            severity=Severity.WARNING,
            source="tutorial",
        )


def check_keys(content: Content, path: KeyPath, expected: Expected) -> Iterator[Finding]:
    """Every key that is there, and its value."""
    for key, value in _mapping(content, path).items():
        here = (*path, key)
        known = _known(key, expected)
        if known is None:
            yield from _unknown_key(content, here, key, value, expected)
            continue
        if known != key:
            yield content.key(here, f"'{key}' is not read (did you mean '{known}'?)", f"write {known}", source=_CASE)
        wrong = _wrong(known, value, expected)
        if wrong is not None:
            yield content.value(here, f"{known}: {wrong.message}", wrong.fix, severity=wrong.severity)


def _wrong(key: str, value: Any, expected: Expected) -> values.Wrong | None:
    if key == MANAGEMENT_HINT:
        return values.management_hint(value)
    if key == expected.udid_key:
        return values.lookup(value, UDID_LOOKUP)
    if key == expected.serial_key:
        return values.lookup(value, SERIAL_LOOKUP)
    if key in _TRUTHS:
        return (
            None
            if isinstance(value, bool)
            else values.Wrong("has to be true or false", "choose Boolean as its value type")
        )
    if key == "OktaVerify.Plugins":
        return None if isinstance(value, list) else values.Wrong("has to be a list of strings", "write an <array>")
    if not isinstance(value, str):
        return values.Wrong("has to be a string", "choose String as its value type")
    return values.org_url(value, expected) if key == ORG_URL else values.placeholder(value)


def _unknown_key(content: Content, here: KeyPath, key: str, value: Any, expected: Expected) -> Iterator[Finding]:
    wanted = {UDID_LOOKUP: expected.udid_key, SERIAL_LOOKUP: expected.serial_key}
    for lookup, configured in wanted.items():
        if isinstance(value, str) and value == lookup:
            words = f"'{key}' takes the place of '{configured}'; which key Okta Verify reads is not confirmed"
            option = "udid-key" if lookup == UDID_LOOKUP else "serial-key"
            fix = f"compare with Okta's page, and write it as {option} in kit.yaml"
            yield content.key(here, words, fix, severity=Severity.NOTE)
            return
    words = f"'{key}' is no key that a public page of Okta names"
    yield content.key(here, words, "compare with Okta's page, or remove it", severity=Severity.NOTE)


def _known(key: str, expected: Expected) -> str | None:
    """The key that is meant, which may be spelt otherwise."""
    known = (*APP_KEYS, expected.udid_key, expected.serial_key)
    return key if key in known else values.near_key(key, known)


def _means(key: str, wanted: str) -> bool:
    return key == wanted or values.near_key(key, APP_KEYS) == wanted


def _mapping(content: Content, path: KeyPath) -> Mapping[str, Any]:
    found = content.data
    for part in path:
        found = found[part]
    return found if isinstance(found, dict) else {}


def _looks_like_macos(found: Mapping[str, Any]) -> bool:
    return bool(found) and all(key.startswith(("OktaVerify.", "PlatformSSO.")) for key in found)
