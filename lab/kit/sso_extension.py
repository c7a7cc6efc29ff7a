"""The SSO extension's profile on iOS and macOS (Apple's payload com.apple.extensiblesso)."""

from __future__ import annotations

import uuid
from typing import Final

from dtr_rules import Platform
from lab.kit.app_configuration import UEM, extension_values
from lab.kit.configuration import Configuration
from lab.kit.okta_names import EXTENSION_IDENTIFIER, REALM, TEAM_IDENTIFIER
from lab.kit.paste_text import plist, plist_dict
from lab.kit.piece import Field, Piece

APPLE: Final = (Platform.IOS, Platform.MACOS)
PAYLOAD_TYPE: Final = "com.apple.extensiblesso"
_IOS: Final = "Okta help, Configure an SSO extension on iOS devices"
_MACOS: Final = "Okta help, Configure an SSO extension on managed macOS devices"
_CUSTOM_XML: Final = (
    "The text goes into Additional Settings > Custom XML. Apple does not read the team identifier on iOS; Okta's page "
    "asks for it all the same."
)
_WHOLE: Final = "The text is a whole profile, for consoles that take a .mobileconfig. In the UEM the fields are enough."
_ADD: Final = "Resources > Profiles & Baselines > Profiles > Add > Add Profile"
_WORDS: Final = {Platform.IOS: "Apple iOS", Platform.MACOS: "macOS"}


def extension_piece(configuration: Configuration, platform: Platform, hint: str) -> Piece:
    """The profile on one of Apple's platforms: the fields, and the text that goes with them."""
    is_ios = platform is Platform.IOS
    text = _custom_xml(configuration, hint) if is_ios else plist(profile(configuration))
    return Piece(
        id=f"sso-extension-{platform}",
        title=f"SSO extension profile, {_WORDS[platform]}",
        console=UEM,
        menu=f"{_ADD} > {_WORDS[platform]} > Device Profile > SSO Extension",
        fields=_fields(configuration, _IOS if is_ios else _MACOS),
        text=text,
        file="sso-extension-ios.xml" if is_ios else "sso-extension-macos.mobileconfig",
        remarks=(_CUSTOM_XML if is_ios else _WHOLE,),
    )


def profile(configuration: Configuration) -> dict[str, object]:
    """A whole configuration profile; its identifiers are the same whenever it is made for the same org."""
    inner = _identity(configuration, "sso-extension")
    outer = _identity(configuration, "profile")
    payload = {
        "ExtensionIdentifier": EXTENSION_IDENTIFIER,
        "TeamIdentifier": TEAM_IDENTIFIER,
        "Type": "Credential",
        "Realm": REALM,
        "Hosts": list(configuration.hosts),
        "PayloadDisplayName": "Okta Verify SSO extension",
        "PayloadIdentifier": f"{EXTENSION_IDENTIFIER}.{inner}",
        "PayloadType": PAYLOAD_TYPE,
        "PayloadUUID": inner,
        "PayloadVersion": 1,
    }
    return {
        "PayloadContent": [payload],
        "PayloadDisplayName": "Okta Verify SSO extension",
        "PayloadIdentifier": f"{EXTENSION_IDENTIFIER}.profile.{outer}",
        "PayloadScope": "System",
        "PayloadType": "Configuration",
        "PayloadUUID": outer,
        "PayloadVersion": 1,
    }


def _fields(configuration: Configuration, source: str) -> tuple[Field, ...]:
    hosts = tuple(Field("Hosts", host, source) for host in configuration.hosts)
    return (
        Field("Extension Type", "Generic", source),
        Field("Extension Identifier", EXTENSION_IDENTIFIER, source),
        Field("Team Identifier", TEAM_IDENTIFIER, source),
        Field("Type", "Credential", source),
        Field("Realm", REALM, source),
        *hosts,
    )


def _custom_xml(configuration: Configuration, hint: str) -> str:
    return plist_dict(extension_values(configuration, hint))


def _identity(configuration: Configuration, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{configuration.org_host}")).upper()
