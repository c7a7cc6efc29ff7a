"""A rule set in the words of our YAML into the UEM's JSON.

What was kept under `uem` goes back verbatim, except where the rule now says something else: what a person has changed
in our words wins. A rule without a `uem` entry for a platform is new there and gets what the UEM needs, no identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dtr_rules.formats import uem_meaning as meaning
from dtr_rules.formats.uem_words import ACTION_WORDS, MODE_WORDS, PLATFORM_WORDS, PLATFORMS, RULE_SET
from dtr_rules.model import Action, Mode, Platform
from dtr_rules.proxies import parse_proxy

Data = Mapping[str, Any]


def uem_document(data: Data) -> dict[str, Any]:
    """The UEM's JSON for `data`, which is a rule set file of ours as plain data, read without a mistake."""
    kept = data.get("uem") or {}
    rule_set: dict[str, Any] = dict(kept.get("rule-set", {}))
    if meaning.is_title(rule_set.get("name")):
        rule_set["name"] = data["name"]
    action = Action(data["default"])
    rule_set |= {"tunnel_mode": MODE_WORDS[Mode(data["mode"])], "default_action": ACTION_WORDS[action]}
    _put_proxy(rule_set, "default_action_proxy", action, data.get("default-proxy"))
    rule_set["payload"] = _payload(kept.get("payload", []), data["rules"])
    profile = kept.get("profile")
    return rule_set if profile is None else {**profile, RULE_SET: rule_set}


def _payload(kept: Sequence[Data], rules: Sequence[Data]) -> list[dict[str, Any]]:
    listed = [_platform(entry) for entry in kept]
    named = {platform for rule in rules for platform in _platforms(rule)}
    new = [{"platform": PLATFORM_WORDS[each]} for each in Platform if each in named and each not in listed]
    return [_entry(entry, rules) for entry in (*kept, *new)]


def _entry(kept: Data, rules: Sequence[Data]) -> dict[str, Any]:
    platform = _platform(kept)
    if platform is None:
        return dict(kept)
    mine = _rules(platform, rules)
    if mine:
        return {**kept, "rules": mine}
    return {key: value for key, value in kept.items() if key != "rules" or not value}


def _platform(entry: Data) -> Platform | None:
    word = entry.get("platform")
    return PLATFORMS.get(word) if isinstance(word, str) else None


def _rules(platform: Platform, rules: Sequence[Data]) -> list[dict[str, Any]]:
    mine = [rule for rule in rules if platform in _platforms(rule)]
    kept = [(rule.get("uem") or {}).get(str(platform)) for rule in mine]
    written = [_rule(rule, theirs) for rule, theirs in zip(mine, kept, strict=True)]
    if None in kept or not _in_order(written):
        return [{**rule, "serial_number": str(number)} for number, rule in enumerate(written, 1)]
    return written


def _in_order(rules: Sequence[Data]) -> bool:
    ranks = [rank for rule in rules if (rank := meaning.rank(rule.get("serial_number"))) is not None]
    return ranks == sorted(ranks)


def _rule(rule: Data, kept: Data | None) -> dict[str, Any]:
    written: dict[str, Any] = dict(kept or {})
    action = Action(rule["action"])
    written["action"] = {**(written.get("action") or {}), "type": ACTION_WORDS[action]}
    _put_proxy(written["action"], "host", action, rule.get("proxy"))
    if action is Action.TUNNEL_PROXY and kept is None:
        written["action"]["authentication"] = "NONE"  # the UEM asks for it with this action
    _put_applications(written, _apps(rule), new=kept is None)
    _put_destinations(written, rule["to"])
    return written


def _put_proxy(around: dict[str, Any], key: str, action: Action, proxy: str | None) -> None:
    kept = around.get(key)
    if proxy is None or _same_proxy(action, kept, proxy):
        return
    around[key] = {**kept, "host": proxy} if isinstance(kept, dict) else proxy


def _same_proxy(action: Action, kept: object, proxy: str) -> bool:
    try:
        return meaning.proxy(action, kept) == parse_proxy(proxy)
    except ValueError:
        return False


def _put_applications(written: dict[str, Any], apps: list[str] | None, *, new: bool) -> None:
    kept = written.get("applications")
    if meaning.apps(kept) == apps:
        if new and apps is None:
            written["applications"] = []
        return
    if apps is None:
        written["applications"] = []
        return
    known = {each.get("bundle_id"): each for each in kept or []}
    written["applications"] = [known.get(app, {"bundle_id": app}) for app in apps]


def _put_destinations(written: dict[str, Any], to: list[str]) -> None:
    key = "domains" if "domains" in written else "destinations"
    if meaning.destinations(written.get(key)) != to:
        written[key] = list(to)


def _platforms(rule: Data) -> list[Platform]:
    platforms = rule.get("platforms", "all")
    return list(Platform) if platforms == "all" else [Platform(each) for each in platforms]


def _apps(rule: Data) -> list[str] | None:
    apps = rule.get("apps", "all")
    return None if apps == "all" else list(apps)
