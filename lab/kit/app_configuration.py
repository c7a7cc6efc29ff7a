"""Okta Verify's managed app configuration on iOS and Android, and its preferences on macOS."""

from __future__ import annotations

import uuid
from typing import Final

from dtr_rules import Platform
from dtr_rules.catalogue.entry import Sure
from lab.kit import placeholders
from lab.kit.configuration import Configuration
from lab.kit.okta_names import (
    BUNDLE_IDENTIFIER,
    EXTENSION_IDENTIFIER,
    MANAGEMENT_HINT,
    ORG_URL,
    SERIAL_LOOKUP,
    UDID_LOOKUP,
)
from lab.kit.paste_text import json_text, plist, plist_dict
from lab.kit.piece import Field, Piece

UEM: Final = "Workspace ONE UEM"
MOBILE: Final = (Platform.IOS, Platform.ANDROID)
_MENU: Final = "Resources > Apps > Native > Public > Okta Verify > Assignment > Application Configuration"
_WORDS: Final = {Platform.IOS: "iOS", Platform.ANDROID: "Android"}
_TUTORIAL: Final = "tutorial, Deploy Verify and SSO Extension Profiles for Mobile in UEM"
_MISSPELT: Final = (
    "The tutorial prints the first key as 'managmentHint'; Okta's pages spell it managementHint, and capital and small "
    "letters count."
)
_KEYS_UNCONFIRMED: Final = (
    "No public page was found that prints the keys of UDID and serial number (the tutorial shows them in a picture). "
    'Compare with Okta\'s help page "Okta Verify configurations for iOS devices"; udid-key and serial-key in the '
    "configuration change them. If Okta's search under Directory > Devices finds no device by its UDID, they are wrong."
)
_WORK_PROFILE: Final = (
    "Install Okta Verify in the work profile. There the serial number reaches neither the UEM nor Okta: the UDID is "
    "what finds the device."
)
_BOTH_DOMAINS: Final = (
    "One Custom Settings payload for each <dict>. Without the second domain the SSO extension does not know the org."
)
_PAYLOAD_FORM: Final = (
    "The form of the payload (mcx_preference_settings) is from a practitioner's blog on this UEM; not confirmed by a "
    "page of the vendor."
)


def mobile_fields(configuration: Configuration) -> tuple[Field, ...]:
    """The keys of the application configuration, in the order of the tutorial; the secret never stands here."""
    return (
        Field(
            MANAGEMENT_HINT,
            placeholders.MANAGEMENT_HINT,
            "Okta help, Integrate Okta with your MDM software",
            kind="String",
        ),
        _udid(configuration),
        Field(configuration.serial_key, SERIAL_LOOKUP, _TUTORIAL, Sure.MEMORY, "String"),
        Field(
            ORG_URL,
            f"https://{configuration.login_host}",
            "practitioners' guides for Workspace ONE; Okta's page for macOS has the key",
            Sure.INFERRED,
            "String",
        ),
    )


def extension_values(configuration: Configuration, hint: str) -> dict[str, str]:
    """What the SSO extension's Custom XML holds on iOS."""
    return {MANAGEMENT_HINT: hint, configuration.udid_key: UDID_LOOKUP}


def mobile_piece(configuration: Configuration, platform: Platform, hint: str) -> Piece:
    """The application configuration on one mobile platform."""
    fields = mobile_fields(configuration)
    values = {each.name: each.value for each in fields} | {MANAGEMENT_HINT: hint}
    is_ios = platform is Platform.IOS
    return Piece(
        id=f"okta-verify-{platform}",
        title=f"Okta Verify: application configuration, {_WORDS[platform]}",
        console=UEM,
        menu=_MENU,
        fields=fields,
        text=plist(values) if is_ios else json_text(values),
        file=f"okta-verify-{platform}.{'plist' if is_ios else 'json'}",
        remarks=(_MISSPELT, _KEYS_UNCONFIRMED, *(() if is_ios else (_WORK_PROFILE,))),
    )


def macos_piece(configuration: Configuration) -> Piece:
    """The preferences on macOS, in both domains: Okta's page asks for both."""
    url = f"https://{configuration.login_host}"
    payloads = [
        _preferences(configuration.org_host, domain, url) for domain in (BUNDLE_IDENTIFIER, EXTENSION_IDENTIFIER)
    ]
    source = "Okta help, Okta Verify configurations for macOS devices"
    return Piece(
        id="okta-verify-macos",
        title="Okta Verify: preferences, macOS",
        console=UEM,
        menu="Resources > Profiles & Baselines > Profiles > Add > Add Profile > macOS > Custom Settings",
        fields=(
            Field("preference domain 1", BUNDLE_IDENTIFIER, source),
            Field("preference domain 2", EXTENSION_IDENTIFIER, source),
            Field(ORG_URL, url, source, kind="String"),
        ),
        text="".join(plist_dict(payload) for payload in payloads),
        file="okta-verify-macos.xml",
        remarks=(_BOTH_DOMAINS, _PAYLOAD_FORM),
    )


def _udid(configuration: Configuration) -> Field:
    return Field(configuration.udid_key, UDID_LOOKUP, _TUTORIAL, Sure.MEMORY, "String")


def _preferences(org_host: str, domain: str, url: str) -> dict[str, object]:
    identity = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{domain}.{org_host}")).upper()
    settings = {"mcx_preference_settings": {ORG_URL: url}}
    return {
        "PayloadContent": {domain: {"Forced": [settings]}},
        "PayloadEnabled": True,
        "PayloadIdentifier": f"{domain}.{identity}",
        "PayloadType": "com.apple.ManagedClient.preferences",
        "PayloadUUID": identity,
        "PayloadVersion": 1,
    }
