"""The UEM's JSON into the words of our YAML, every mistake with its place in the JSON.

The rules of one platform stay in their order; rules of several platforms become one only where they say the same and
the order of each platform's list allows it. What our grammar has no word for is kept under `uem`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dtr_rules.destinations import parse_destination
from dtr_rules.formats import uem_meaning as meaning
from dtr_rules.formats.fields import AppId
from dtr_rules.formats.located_json import JsonDocument
from dtr_rules.formats.uem_words import ACTIONS, MODES, PLATFORMS, RULE_SET
from dtr_rules.mistakes import Place
from dtr_rules.model import Platform
from dtr_rules.source import KeyPath, Mistake

_APP: Final[TypeAdapter[str]] = TypeAdapter(AppId)
_UNNAMED: Final = "uem-rule-set"


@dataclass(frozen=True, slots=True)
class Converted:
    """A rule set as plain data in the words of our YAML; the place in the JSON of what stands in it."""

    data: dict[str, Any]
    places: dict[KeyPath, Place]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of one platform. `kept` is what our words do not say of it."""

    platform: Platform
    path: KeyPath
    apps: tuple[str, ...] | None
    action: str
    proxy: str | None
    to: tuple[str, ...]
    to_places: tuple[Place, ...]
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> tuple[object, ...]:
        return self.apps, self.action, self.proxy, self.to


def convert(document: JsonDocument, data: object) -> Converted | None:
    """`data` in our words. None, and mistakes in `document`, where it cannot be said in them."""
    reading = _Reading(document)
    found = reading.document(data)
    return None if document.mistakes else found


class _Reading:
    def __init__(self, document: JsonDocument) -> None:
        self._document = document

    def document(self, data: object) -> Converted:
        if isinstance(data, dict) and RULE_SET in data:
            rule_set = data[RULE_SET]
            profile = {key: value for key, value in data.items() if key != RULE_SET}
            return self._rule_set((RULE_SET,), rule_set, profile)
        return self._rule_set((), data, None)

    def _rule_set(self, path: KeyPath, found: object, profile: dict[str, Any] | None) -> Converted:
        if not isinstance(found, dict):
            self._wrong(path, f"{_name(path)} must be a mapping")
            return Converted({}, {})
        kept = {key: value for key, value in found.items() if key not in ("tunnel_mode", "default_action", "payload")}
        mode = self._word(path, found, "tunnel_mode", MODES)
        action = self._word(path, found, "default_action", ACTIONS)
        proxy = self._default_proxy(path, found, action)
        if proxy is not None and found["default_action_proxy"] == proxy:
            del kept["default_action_proxy"]
        payload, rules = self._payload(path, found)
        merged = _merged(rules)
        uem: dict[str, Any] = {"rule-set": kept, "payload": payload}
        data: dict[str, Any] = {"version": 1, "name": _set_name(found), "mode": mode, "default": action}
        if proxy is not None:
            data["default-proxy"] = proxy
        data["rules"] = [_rule_data(f"rule-{number}", group) for number, group in enumerate(merged, 1)]
        data["uem"] = uem if profile is None else {**uem, "profile": profile}
        return Converted(data, self._places(path, found, merged))

    def _default_proxy(self, path: KeyPath, found: dict[str, Any], action: str | None) -> str | None:
        if action is None:
            return None
        where = (*path, "default_action_proxy")
        return self._proxy(where, path, "default_action", action, found.get("default_action_proxy"))

    def _payload(self, path: KeyPath, found: dict[str, Any]) -> tuple[list[dict[str, Any]], list[list[_Rule]]]:
        """What is kept of each platform's entry, and the rules of each platform that our rules can name."""
        kept: list[dict[str, Any]] = []
        rules: list[list[_Rule]] = []
        seen: dict[str, int] = {}
        for where, entry in self._mappings(path, found, "payload"):
            word = entry.get("platform")
            platform = PLATFORMS.get(word) if isinstance(word, str) else None
            if platform is None:
                kept.append(entry)
                continue
            if word in seen:
                self._wrong((*where, "platform"), f"platform '{word}' has an entry already (line {seen[word]})")
            seen.setdefault(str(word), self._place((*where, "platform")).line)
            listed = entry.get("rules") not in (None, [])
            kept.append({key: value for key, value in entry.items() if key != "rules" or not listed})
            rules.append(self._rules(where, entry, platform) if listed else [])
        return kept, rules

    def _rules(self, path: KeyPath, entry: dict[str, Any], platform: Platform) -> list[_Rule]:
        found: list[_Rule] = []
        last: int | None = None
        for where, rule in self._mappings(path, entry, "rules"):
            number = meaning.rank(rule.get("serial_number"))
            if number is not None and last is not None and number < last:
                words = f"serial_number {number} stands behind {last}: list and ranks disagree on the order"
                self._wrong((*where, "serial_number"), f"{words}; put the rules in the order of their ranks")
            last = number if number is not None else last
            read = self._rule(where, rule, platform)
            if read is not None:
                found.append(read)
        return found

    def _rule(self, path: KeyPath, rule: dict[str, Any], platform: Platform) -> _Rule | None:
        kept = dict(rule)
        action, proxy = self._action(path, rule, kept)
        to, places = self._destinations(path, rule, kept)
        apps = self._applications(path, rule, kept)
        if action is None or not to:
            return None
        return _Rule(platform, path, apps, action, proxy, tuple(to), tuple(places), kept)

    def _action(self, path: KeyPath, rule: dict[str, Any], kept: dict[str, Any]) -> tuple[str | None, str | None]:
        where, found = (*path, "action"), rule.get("action")
        if not isinstance(found, dict):
            missing = "action" not in rule
            self._wrong(where, "'action' is missing" if missing else "action must be a mapping with 'type'")
            return None, None
        action = self._word(where, found, "type", ACTIONS)
        if action is None:
            return None, None
        proxy = self._proxy((*where, "host"), where, "type", action, found.get("host"))
        said = {"type"} if proxy is None or found.get("host") != proxy else {"type", "host"}
        kept["action"] = {key: value for key, value in found.items() if key not in said}
        if not kept["action"]:
            del kept["action"]
        return action, proxy

    def _proxy(self, where: KeyPath, around: KeyPath, key: str, action: str, host: object) -> str | None:
        """The proxy's text; None where the action has none, or where it is wrong."""
        theirs, ours = next((theirs, ours) for theirs, ours in ACTIONS.items() if ours == action)
        if not ours.needs_proxy:
            return None
        text = meaning.proxy_text(host)
        if text is None:
            self._wrong((*around, key), f"{key} '{theirs}' needs '{where[-1]}', such as https://proxy.example:3128")
            return None
        try:
            meaning.proxy(ours, text)
        except ValueError as error:
            self._wrong(where, f"{where[-1]} {_show(text)}: {error}")
        return text

    def _destinations(self, path: KeyPath, rule: dict[str, Any], kept: dict[str, Any]) -> tuple[list[str], list[Place]]:
        if "domains" in rule and "destinations" in rule:
            self._wrong((*path, "domains"), "'domains' and 'destinations' say the same thing; one of them must go")
        key = "domains" if "domains" in rule else "destinations"
        items = rule.get(key)
        where = (*path, key)
        if not isinstance(items, list):
            self._wrong(where, f"'{key}' is missing" if key not in rule else f"{key} must be a list")
            return [], []
        for index, item in enumerate(items):
            if not isinstance(item, str):
                self._wrong((*where, index), f"an item of {key} must be text, found {_show(item)}")
        found = list(meaning.split(items))
        if not found:
            self._wrong(where, f"{key} is empty; a rule without a destination never decides: remove the rule")
        for index, text in found:
            try:
                parse_destination(text)
            except ValueError as error:
                self._wrong((*where, index), f"an item of {key} {_show(text)}: {error}")
        to = [text for _, text in found]
        if key == "destinations" and to == items:
            del kept["destinations"]
        return to, [self._place((*where, index)) for index, _ in found]

    def _applications(self, path: KeyPath, rule: dict[str, Any], kept: dict[str, Any]) -> tuple[str, ...] | None:
        if rule.get("applications") in (None, []):
            return None
        found: list[str] = []
        for where, application in self._mappings(path, rule, "applications"):
            app = application.get("bundle_id")
            if not isinstance(app, str):
                self._wrong((*where, "bundle_id"), "'bundle_id' is missing: a rule of ours names an app by it")
                continue
            refused = _refusal(app)
            if refused is not None:
                self._wrong((*where, "bundle_id"), f"bundle_id {_show(app)}: {refused}")
            found.append(app)
        if rule["applications"] == [{"bundle_id": app} for app in found]:
            del kept["applications"]
        return tuple(found)

    def _mappings(self, path: KeyPath, around: dict[str, Any], key: str) -> list[tuple[KeyPath, dict[str, Any]]]:
        where, items = (*path, key), around.get(key)
        if not isinstance(items, list):
            self._wrong(where, f"'{key}' is missing" if key not in around else f"{key} must be a list")
            return []
        found: list[tuple[KeyPath, dict[str, Any]]] = []
        for index, item in enumerate(items):
            if isinstance(item, dict):
                found.append(((*where, index), item))
            else:
                self._wrong((*where, index), f"an item of {key} must be a mapping, found {_show(item)}")
        return found

    def _word(self, path: KeyPath, around: dict[str, Any], key: str, words: Mapping[str, str]) -> str | None:
        if key not in around:
            self._wrong(path, f"'{key}' is missing")
            return None
        found = around[key]
        if isinstance(found, str) and found in words:
            return str(words[found])
        near = difflib.get_close_matches(str(found).upper(), words, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        self._wrong((*path, key), f"unknown {key} {_show(found)}{hint}; allowed: {', '.join(words)}")
        return None

    def _places(self, path: KeyPath, found: dict[str, Any], merged: list[list[_Rule]]) -> dict[KeyPath, Place]:
        """Where in the JSON the parts of our words stand; a merged rule stands where its first platform has it."""
        places: dict[KeyPath, Place] = {(): self._place(path), ("rules",): self._place((*path, "payload"))}
        theirs = {"mode": "tunnel_mode", "default": "default_action", "default-proxy": "default_action_proxy"}
        for ours, key in theirs.items():
            if key in found:
                places[(ours,)] = self._place((*path, key))
        for index, group in enumerate(merged):
            rule = group[0]
            places[("rules", index)] = self._place(rule.path)
            for key, inner in (("action", ("action",)), ("apps", ("applications",)), ("proxy", ("action", "host"))):
                places[("rules", index, key)] = self._place((*rule.path, *inner))
            places[("rules", index, "to")] = rule.to_places[0]
            places.update({("rules", index, "to", at): place for at, place in enumerate(rule.to_places)})
        return places

    def _place(self, path: KeyPath) -> Place:
        places = self._document.places
        while path not in places:
            path = path[:-1]
        return places[path]

    def _wrong(self, path: KeyPath, message: str) -> None:
        self._document.mistakes.append(Mistake(self._place(path), message))


def _merged(lists: list[list[_Rule]]) -> list[list[_Rule]]:
    """One list of rules, each with the platforms that have it, in which every platform's rules keep their order."""
    merged: list[list[_Rule]] = []
    for rules in lists:
        matcher = difflib.SequenceMatcher(
            None, [group[0].words for group in merged], [rule.words for rule in rules], autojunk=False
        )
        result: list[list[_Rule]] = []
        for kind, start, end, first, last in matcher.get_opcodes():
            if kind == "equal":
                result += [[*merged[start + at], rules[first + at]] for at in range(end - start)]
            else:
                result += [*merged[start:end], *([rule] for rule in rules[first:last])]
        merged = result
    return merged


def _rule_data(name: str, group: list[_Rule]) -> dict[str, Any]:
    rule = group[0]
    platforms = [each.platform for each in group]
    data: dict[str, Any] = {
        "name": name,
        "platforms": [str(platform) for platform in Platform if platform in platforms],
        "apps": "all" if rule.apps is None else list(rule.apps),
        "action": rule.action,
    }
    if rule.proxy is not None:
        data["proxy"] = rule.proxy
    data["to"] = list(rule.to)
    data["uem"] = {str(each.platform): each.kept for each in group}
    return data


def _set_name(found: dict[str, Any]) -> str:
    name, number = found.get("name"), found.get("id")
    if meaning.is_title(name):
        return str(name)
    return f"{_UNNAMED}-{number}" if type(number) is int and 0 <= number < 10**18 else _UNNAMED


def _refusal(app: str) -> str | None:
    """Why a rule of ours cannot name this app."""
    try:
        _APP.validate_python(app)
    except ValidationError as error:
        return str(error.errors()[0]["ctx"]["error"])
    return None


def _name(path: KeyPath) -> str:
    return str(path[-1]) if path else "this file"


def _show(found: object) -> str:
    if isinstance(found, dict | list):
        return "a mapping" if isinstance(found, dict) else "a list"
    if found is None:
        return "null"
    text = str(found).lower() if isinstance(found, bool) else repr(found)
    return text if len(text) <= 80 else f"{text[:76]}…'"
