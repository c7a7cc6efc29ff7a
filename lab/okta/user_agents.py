"""What a User-Agent says: operating system and browser as the System Log names them, platform as policies do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.okta.policy.context import Platform

_SYSTEMS: Final = (  # the first that is named counts: iPhones name Mac OS X, too, and Android names Linux
    ("iPhone", "iOS", Platform("MOBILE", "IOS")),
    ("iPad", "iOS", Platform("MOBILE", "IOS")),
    ("iOS", "iOS", Platform("MOBILE", "IOS")),
    ("Android", "Android", Platform("MOBILE", "ANDROID")),
    ("Windows", "Windows 10", Platform("DESKTOP", "WINDOWS")),
    ("CrOS", "Chrome OS", Platform("DESKTOP", "CHROMEOS")),
    ("Mac OS X", "Mac OS X", Platform("DESKTOP", "MACOS")),
    ("macOS", "Mac OS X", Platform("DESKTOP", "MACOS")),
    ("Linux", "Linux", Platform("DESKTOP", "LINUX")),
)
_BROWSERS: Final = (("Edg/", "EDGE"), ("Firefox/", "FIREFOX"), ("Chrome/", "CHROME"), ("Safari/", "SAFARI"))
OTHER: Final = Platform("OTHER", "OTHER")


@dataclass(frozen=True, slots=True)
class UserAgent:
    """A User-Agent, read. `device` is Computer, Mobile or Unknown."""

    text: str
    os: str
    browser: str
    platform: Platform

    @property
    def device(self) -> str:
        return {"DESKTOP": "Computer", "MOBILE": "Mobile"}.get(self.platform.type, "Unknown")


def read_user_agent(text: str) -> UserAgent:
    """Anything can be read; what names nothing that is known is of the platform OTHER."""
    browser = next((name for sign, name in _BROWSERS if sign in text), "UNKNOWN")
    for sign, system, platform in _SYSTEMS:
        if sign in text:
            return UserAgent(text, system, browser, platform)
    return UserAgent(text, "Unknown", browser, OTHER)
