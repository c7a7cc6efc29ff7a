"""A configuration profile (.mobileconfig), or a payload of one as Custom Settings take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check import values
from lab.kit.check.app_keys import check_keys
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.check.sso_payload import check_sso
from lab.kit.okta_names import BUNDLE_IDENTIFIER, EXTENSION_IDENTIFIER, ORG_URL, TEAM_IDENTIFIER
from lab.kit.sso_extension import PAYLOAD_TYPE

PREFERENCES: Final = "com.apple.ManagedClient.preferences"
ASSOCIATED_DOMAINS: Final = "com.apple.associated-domains"
_DOMAINS: Final = (BUNDLE_IDENTIFIER, EXTENSION_IDENTIFIER)
_APPLE: Final = "Apple, device management schema"
_OKTA: Final = "Okta help, Okta Verify configurations for macOS devices"
_NEEDED: Final = ("PayloadIdentifier", "PayloadType", "PayloadUUID", "PayloadVersion")


def is_profile(value: Any) -> bool:
    """Whether `value` is a whole profile."""
    return isinstance(value, dict) and isinstance(value.get("PayloadContent"), list)


def is_payload(value: Any) -> bool:
    """Whether `value` is one payload of a profile."""
    return isinstance(value, dict) and (
        "PayloadType" in value or any(values.near_key(key, ("ExtensionIdentifier",)) for key in value)
    )


def check_profile(content: Content, path: KeyPath, expected: Expected) -> Iterator[Finding]:
    """A whole profile, payload by payload."""
    profile = content.data[path[0]]
    yield from _envelope(content, path, profile)
    payloads = [
        ((*path, "PayloadContent", number), each)
        for number, each in enumerate(profile["PayloadContent"])
        if isinstance(each, dict)
    ]
    yield from check_payloads(content, payloads, expected)
    seen: set[str] = set()
    for here, each in payloads:
        identity = str(each.get("PayloadUUID", "")).upper()
        if identity and identity in seen:
            words = "this PayloadUUID stands in another payload, too: one of them is not installed"
            yield content.value((*here, "PayloadUUID"), words, "make a new one (uuidgen)", source=_APPLE)
        seen.add(identity)


def check_payloads(
    content: Content, payloads: Sequence[tuple[KeyPath, Mapping[str, Any]]], expected: Expected
) -> Iterator[Finding]:
    """Payloads that belong together, those that are not about Okta Verify left alone."""
    domains: set[str] = set()
    about_okta = False
    for path, payload in payloads:
        kind = payload.get("PayloadType", PAYLOAD_TYPE)
        if kind == PAYLOAD_TYPE and not _is_of_another_vendor(payload):
            about_okta = True
            yield from check_sso(content, path, payload, expected)
        elif kind == PREFERENCES:
            found = _domains(payload)
            domains |= found.keys()
            for domain, inner in found.items():
                yield from _check_domain(content, (*path, *inner), domain, expected)
        elif kind in _DOMAINS:
            domains.add(str(kind))
            yield from _domain_values(content, path, payload, expected)
        elif kind == ASSOCIATED_DOMAINS:
            about_okta = True
            yield from _associated(content, path, payload, expected)
    ours = [domain for domain in _DOMAINS if domain in domains]
    if len(ours) == 1:
        missing = next(domain for domain in _DOMAINS if domain not in domains)
        words = f"the preference domain {missing} is missing: Okta's page asks for both"
        yield content.value(payloads[0][0], words, f"add the same keys for {missing}", source=_OKTA)
    if not about_okta and not ours:
        words = "nothing in it is about Okta Verify"
        where = payloads[0][0] if payloads else ()
        yield content.value(
            where, words, "choose the profile of the SSO extension, or that of Okta Verify's preferences"
        )


def _envelope(content: Content, path: KeyPath, profile: Mapping[str, Any]) -> Iterator[Finding]:
    for key in _NEEDED:
        if key not in profile:
            yield content.value(path, f"'{key}' is missing in the profile", f"add {key}", source=_APPLE)
    if profile.get("PayloadType", "Configuration") != "Configuration":
        here = (*path, "PayloadType")
        yield content.value(here, "PayloadType of a profile is Configuration", "write Configuration", source=_APPLE)
    for number, each in enumerate(profile["PayloadContent"]):
        if not isinstance(each, dict):
            here = (*path, "PayloadContent", number)
            yield content.value(here, "a payload has to be a dictionary", "write a <dict>", source=_APPLE)


def _is_of_another_vendor(payload: Mapping[str, Any]) -> bool:
    """A profile may hold Kerberos or Microsoft's extension beside Okta's."""
    identifier = str(payload.get("ExtensionIdentifier", "okta"))
    return "okta" not in identifier.lower()


def _domains(payload: Mapping[str, Any]) -> dict[str, KeyPath]:
    """The preference domains of a payload, with the path of their settings."""
    inside = payload.get("PayloadContent")
    found: dict[str, KeyPath] = {}
    for domain, value in inside.items() if isinstance(inside, dict) else ():
        if domain in _DOMAINS or values.near_key(domain, _DOMAINS):
            forced = value.get("Forced") if isinstance(value, dict) else None
            settings = forced[0] if isinstance(forced, list) and forced else None
            is_whole = isinstance(settings, dict) and isinstance(settings.get("mcx_preference_settings"), dict)
            tail: KeyPath = ("Forced", 0, "mcx_preference_settings") if is_whole else ()
            found[domain] = ("PayloadContent", domain, *tail)
    return found


def _check_domain(content: Content, path: KeyPath, domain: str, expected: Expected) -> Iterator[Finding]:
    if domain not in _DOMAINS:
        right = values.near_key(domain, _DOMAINS)
        yield content.key(path, f"'{domain}' is not read (did you mean '{right}'?)", f"write {right}", source=_OKTA)
    if path[-1] != "mcx_preference_settings":
        fix = "write <key>Forced</key><array><dict><key>mcx_preference_settings</key><dict>…"
        yield content.value(path, f"the settings of {domain} are not where macOS looks for them", fix)
        return
    found = content.data
    for part in path:
        found = found[part]
    yield from check_keys(content, path, expected)
    yield from _needs_url(content, path, found)


def _domain_values(
    content: Content, path: KeyPath, payload: Mapping[str, Any], expected: Expected
) -> Iterator[Finding]:
    """Keys that stand beside the payload's own."""
    for finding in check_keys(content, path, expected):
        if not finding.message.startswith("'Payload"):
            yield finding
    yield from _needs_url(content, path, payload)


def _needs_url(content: Content, path: KeyPath, found: Mapping[str, Any]) -> Iterator[Finding]:
    if not any(key == ORG_URL or values.near_key(key, (ORG_URL,)) for key in found):
        words = f"'{ORG_URL}' is missing: people have to type the org's URL"
        yield content.value(path, words, f"add {ORG_URL}", severity=Severity.WARNING, source=_OKTA)


def _associated(content: Content, path: KeyPath, payload: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    """Associated domains: `authsrv:` and the org's host, for apps named with their team."""
    entries = payload.get("Configuration")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        here = (*path, "Configuration", number)
        name = entry.get("ApplicationIdentifier")
        rights = [f"{TEAM_IDENTIFIER}.{domain}" for domain in _DOMAINS]
        if not isinstance(name, str):
            where = (*here, "ApplicationIdentifier")
            yield content.value(where, "ApplicationIdentifier has to be a string", f"write {rights[0]}", source=_APPLE)
        elif "okta" in name.lower() and name not in rights:
            words = f"ApplicationIdentifier '{name}' is not Okta's with its team in front"
            yield content.value((*here, "ApplicationIdentifier"), words, f"write {' or '.join(rights)}", source=_APPLE)
        domains = entry.get("AssociatedDomains")
        for place, domain in enumerate(domains if isinstance(domains, list) else ()):
            yield from _associated_domain(content, (*here, "AssociatedDomains", place), domain, expected)


def _associated_domain(content: Content, path: KeyPath, domain: object, expected: Expected) -> Iterator[Finding]:
    if not isinstance(domain, str) or not domain.startswith("authsrv:"):
        yield content.value(
            path, "an associated domain for single sign-on starts with authsrv:", "write authsrv:HOST", source=_APPLE
        )
        return
    wrong = values.host(domain.removeprefix("authsrv:").partition("?")[0], expected)
    if wrong is not None:
        yield content.value(path, wrong.message, wrong.fix, severity=wrong.severity)
