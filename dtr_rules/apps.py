"""App identifiers: when two of them name the same app, and which of them is Safari.

Bundle ids on iOS and macOS are case-insensitive (Apple developer glossary, "bundle ID"), and so are
executable paths on Windows; Android package names are compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dtr_rules.model import Platform

SAFARI: Final = {Platform.IOS: "com.apple.mobilesafari", Platform.MACOS: "com.apple.Safari"}


def same_app(platform: Platform, one: str, other: str) -> bool:
    """Whether both identifiers name one app on `platform`."""
    if platform is Platform.ANDROID:
        return one == other
    return one.lower() == other.lower()


def is_among(platform: Platform, app: str, apps: Iterable[str]) -> bool:
    """Whether `app` is one of `apps` on `platform`."""
    return any(same_app(platform, app, other) for other in apps)


def is_safari(platform: Platform, app: str | None) -> bool:
    """Whether `app` is the platform's Safari, which the default action does not apply to."""
    safari = SAFARI.get(platform)
    return app is not None and safari is not None and same_app(platform, app, safari)
