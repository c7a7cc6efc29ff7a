"""The payload com.apple.extensiblesso, as Okta's and Apple's pages want it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check import values
from lab.kit.check.app_keys import check_keys
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.okta_names import EXTENSION_IDENTIFIER, REALM, TEAM_IDENTIFIER

_APPLE: Final = "Apple, device management schema, com.apple.extensiblesso"
_OKTA: Final = "Okta help, Configure an SSO extension"
_KEYS: Final = (
    "ExtensionIdentifier",
    "TeamIdentifier",
    "Type",
    "Realm",
    "Hosts",
    "URLs",
    "ExtensionData",
    "ScreenLockedBehavior",
    "DeniedBundleIdentifiers",
    "AuthenticationMethod",
    "RegistrationToken",
    "PlatformSSO",
)
_LISTS: Final = ("Hosts", "URLs", "DeniedBundleIdentifiers")
_PLATFORM_SSO: Final = ("/device-access/api/v1/nonce", "/oauth2/v1/token")


def check_sso(content: Content, path: KeyPath, payload: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    """One payload; keys of the profile around it (Payload…) are not its own."""
    meant = {_known(key): key for key in payload}
    yield from _spelling(content, path, payload)
    wanted = {"ExtensionIdentifier": EXTENSION_IDENTIFIER, "TeamIdentifier": TEAM_IDENTIFIER}
    for key, right in wanted.items():
        yield from _exactly(content, (*path, meant.get(key) or key), payload, key, right)
    kind = payload.get(meant.get("Type") or "Type")
    yield from _of_type(content, path, kind, meant.get("Type"))
    if kind == "Redirect":
        yield from _redirect(content, path, payload, meant, expected)
    else:
        yield from _exactly(content, (*path, meant.get("Realm") or "Realm"), payload, "Realm", REALM)
        yield from _hosts(content, path, payload, meant.get("Hosts"), expected)
    data = meant.get("ExtensionData")
    if data is not None:
        if isinstance(payload[data], dict):
            yield from check_keys(content, (*path, data), expected)
        else:
            yield content.value((*path, data), "ExtensionData has to be a dictionary", "write a <dict>", source=_APPLE)
    yield from _strings(content, path, payload)


def _spelling(content: Content, path: KeyPath, payload: Mapping[str, Any]) -> Iterator[Finding]:
    for key in payload:
        known = _known(key)
        if known is not None and known != key:
            yield content.key(
                (*path, key), f"'{key}' is not read (did you mean '{known}'?)", f"write {known}", source=_APPLE
            )
        elif known is None and not key.startswith("Payload"):
            words = f"'{key}' is no key of this payload"
            yield content.key((*path, key), words, "remove it", severity=Severity.NOTE, source=_APPLE)


def _exactly(content: Content, here: KeyPath, payload: Mapping[str, Any], name: str, right: str) -> Iterator[Finding]:
    """`here` is the key's path as the payload spells it."""
    if here[-1] not in payload:
        why = ": macOS asks for it, iOS does not read it" if name == "TeamIdentifier" else ""
        yield content.value(here, f"'{name}' is missing{why}", f"add {name} with {right}", source=_OKTA)
        return
    value = payload[str(here[-1])]
    if not isinstance(value, str):
        yield content.value(here, f"{name} has to be a string", f"write <string>{right}</string>", source=_APPLE)
    elif value != right:
        yield content.value(here, f"{name} is '{value}', which is not Okta's", f"write {right}", source=_OKTA)


def _of_type(content: Content, path: KeyPath, kind: object, key: str | None) -> Iterator[Finding]:
    if key is None:
        yield content.value(path, "'Type' is missing", "add Type with Credential", source=_OKTA)
    elif kind not in ("Credential", "Redirect"):
        near = values.near_key(str(kind), ("Credential", "Redirect"))
        hint = f" (did you mean '{near}'?)" if near else ""
        yield content.value((*path, key), f"Type is {kind!r}{hint}", "write Credential", source=_APPLE)


def _redirect(
    content: Content, path: KeyPath, payload: Mapping[str, Any], meant: Mapping[str | None, str], expected: Expected
) -> Iterator[Finding]:
    """Platform SSO (Desktop Password Sync) redirects; device trust and FastPass want Credential."""
    key = meant.get("Type") or "Type"
    if "PlatformSSO" not in meant and "AuthenticationMethod" not in meant:
        words = "Type is 'Redirect'; for FastPass Okta's page says Credential (Redirect belongs to Platform SSO)"
        yield content.value((*path, key), words, "write Credential", source=_OKTA)
        return
    urls = meant.get("URLs")
    if urls is None or not isinstance(payload[urls], list):
        where = path if urls is None else (*path, urls)
        yield content.value(where, "'URLs' has to be a list for the type Redirect", "write an <array>", source=_APPLE)
        return
    for number, url in enumerate(payload[urls]):
        here = (*path, urls, number)
        if not isinstance(url, str):
            continue  # told by its type
        if not url.startswith("https://"):
            yield content.value(here, f"'{url}' is no https:// URL", "write https:// and the org's host", source=_APPLE)
            continue
        wrong = values.host(url[8:].partition("/")[0], expected)
        if wrong is not None:
            yield content.value(here, wrong.message, wrong.fix, severity=wrong.severity)
        elif not url.endswith(_PLATFORM_SSO):
            words = f"'{url}' is none of the two URLs of Platform SSO"
            yield content.value(here, words, f"write {' and '.join(_PLATFORM_SSO)}", severity=Severity.WARNING)


def _hosts(
    content: Content, path: KeyPath, payload: Mapping[str, Any], key: str | None, expected: Expected
) -> Iterator[Finding]:
    if key is None:
        words = "'Hosts' is missing: the extension is asked for no host"
        yield content.value(
            path, words, f"add Hosts with {' and '.join(expected.hosts) or 'the host of your org'}", source=_APPLE
        )
        return
    hosts = payload[key]
    if not isinstance(hosts, list):
        yield content.value((*path, key), "Hosts has to be a list", "write an <array> of <string>", source=_APPLE)
        return
    seen: set[str] = set()
    for number, each in enumerate(hosts):
        if not isinstance(each, str):
            continue  # told by its type
        wrong = values.host(each, expected)
        if wrong is not None:
            yield content.value((*path, key, number), wrong.message, wrong.fix, severity=wrong.severity, source=_OKTA)
        if each.lower() in seen:
            yield content.value((*path, key, number), f"'{each}' stands here twice", "remove one", source=_APPLE)
        seen.add(each.lower())
    for host in expected.hosts:
        if host not in seen and not any(each.startswith(".") and host.endswith(each) for each in seen):
            words = f"'{host}' is missing: sign-ins there ask people to open Okta Verify"
            yield content.value((*path, key), words, f"add <string>{host}</string>", source=_OKTA)


def _strings(content: Content, path: KeyPath, payload: Mapping[str, Any]) -> Iterator[Finding]:
    for key in _LISTS:
        found = payload.get(key)
        if key == "DeniedBundleIdentifiers" and found is not None and not isinstance(found, list):
            yield content.value((*path, key), f"{key} has to be a list", "write an <array> of <string>", source=_APPLE)
        for number, each in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(each, str):
                words = f"an item of {key} has to be a string"
                yield content.value((*path, key, number), words, "write a <string>", source=_APPLE)


def _known(key: str) -> str | None:
    if key in _KEYS:
        return key
    return None if key.startswith("Payload") else values.near_key(key, _KEYS)
