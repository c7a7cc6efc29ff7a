"""What apps and browsers of a device call themselves, in the words that identity providers read platforms from."""

from __future__ import annotations

from typing import Final

from dtr_rules import Platform

_DEVICES: Final = {
    Platform.IOS: "iPhone; CPU iPhone OS 18_1 like Mac OS X",
    Platform.ANDROID: "Linux; Android 15",
    Platform.WINDOWS: "Windows NT 10.0; Win64; x64",
    Platform.MACOS: "Macintosh; Intel Mac OS X 10_15_7",
}
_WEBKIT: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_BLINK: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
_PAGES: Final = {
    "safari": f"{_WEBKIT} Version/18.1 Safari/605.1.15",
    "chrome": f"{_BLINK} Safari/537.36",
    "edge": f"{_BLINK} Safari/537.36 Edg/130.0.0.0",
}


def of_app(platform: Platform, name: str) -> str:
    """What an app says where it asks for tokens or speaks to an API; `name` is in ASCII."""
    return f"{name.replace(' ', '-')}/1.0 ({_DEVICES[platform]}; tunnel-lab)"


def of_pages(platform: Platform, key: str) -> str:
    """What the app with this key says where it shows pages: a browser its own words, all others their web view's."""
    web_view = _WEBKIT if platform in (Platform.IOS, Platform.MACOS) else f"{_BLINK} Safari/537.36"
    return f"Mozilla/5.0 ({_DEVICES[platform]}) {_PAGES.get(key, web_view)}"
