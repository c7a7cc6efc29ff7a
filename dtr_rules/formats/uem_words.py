"""The words of the UEM's JSON for modes, actions and platforms, and what ours are for them.

From the UEM's own API description (`GET /api/mdm/devices/{deviceUuid}/tunnel/profile`, version 1). Platforms that a
rule of ours cannot name (LINUX, CHROME_OS, WINDOWS_PHONE_8, UNKNOWN) have no entry.
"""

from __future__ import annotations

from typing import Final

from dtr_rules.model import Action, Mode, Platform

RULE_SET: Final = "device_traffic_rule_set"
"""The key of the rule set in a device's Tunnel profile."""

MODES: Final = {"PERAPP_TUNNEL": Mode.PER_APP, "FULL_TUNNEL": Mode.FULL_DEVICE}
ACTIONS: Final = {
    "TUNNEL": Action.TUNNEL,
    "BYPASS": Action.BYPASS,
    "BLOCK": Action.BLOCK,
    "PROXY": Action.PROXY,
    "TUNNELPROXY": Action.TUNNEL_PROXY,
    "WEBPROXY": Action.WEB_PROXY,
}
PLATFORMS: Final = {
    "APPLE": Platform.IOS,
    "ANDROID": Platform.ANDROID,
    "WIN_RT": Platform.WINDOWS,
    "APPLE_OS_X": Platform.MACOS,
}
MODE_WORDS: Final = {ours: theirs for theirs, ours in MODES.items()}
ACTION_WORDS: Final = {ours: theirs for theirs, ours in ACTIONS.items()}
PLATFORM_WORDS: Final = {ours: theirs for theirs, ours in PLATFORMS.items()}
