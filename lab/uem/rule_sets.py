"""The tenant's sets of device traffic rules. Each save makes a new version, which reaches nobody by itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dtr_rules import Platform, RuleSet
from dtr_rules.formats.reading import parse_any
from dtr_rules.formats.uem import uem_data, write_uem
from dtr_rules.formats.yaml import Format
from dtr_rules.formats.yaml_writing import plain_data, write_yaml
from lab.uem.inventory import DevicePlatform

OURS: Final = {
    DevicePlatform.APPLE: Platform.IOS,
    DevicePlatform.ANDROID: Platform.ANDROID,
    DevicePlatform.MACOS: Platform.MACOS,
    DevicePlatform.WINDOWS: Platform.WINDOWS,
}


@dataclass(frozen=True, slots=True)
class SavedRuleSet:
    """A set as it was saved last. `text` is our YAML: what a device of the lab gets."""

    id: int
    name: str
    version: int
    text: str = field(repr=False)
    rules: RuleSet = field(repr=False)
    is_default: bool = False

    @property
    def uuid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:rule-set:{self.name}"))

    def wire(self) -> dict[str, Any]:
        """The set as `tunnel/profile` shows it (OpenAPI document, MDM v1)."""
        written: dict[str, Any] = json.loads(write_uem(plain_data(self.text)))
        payload = written.pop("payload")
        head = {"id": self.id, "uuid": self.uuid, **written}
        head.setdefault("default_action_proxy", None)
        head["payload"] = [self._platform(number, entry) for number, entry in enumerate(payload, 1)]
        return head

    def _platform(self, number: int, entry: Mapping[str, Any]) -> dict[str, Any]:
        place = f"{self.name}/{entry['platform']}"
        rules = [_rule(place, at, rule) for at, rule in enumerate(entry.get("rules", []), 1)]
        return {"id": number, "uuid": _uuid(place), **entry, "rules": rules}


def read_rules(text: str, name: str) -> tuple[str, RuleSet]:
    """A set in our YAML or in the UEM's JSON: as YAML, and read. Raises dtr_rules.UnusableFileError."""
    read = parse_any(text, name)
    return write_yaml(uem_data(text)) if read.format is Format.UEM else text, read.rule_set


def changed_platforms(before: RuleSet, after: RuleSet) -> frozenset[DevicePlatform]:
    """The platforms for whose devices the two sets say something else."""
    if (before.mode, before.default, before.default_proxy) != (after.mode, after.default, after.default_proxy):
        return frozenset(DevicePlatform)
    return frozenset(theirs for theirs, ours in OURS.items() if _rules_of(before, ours) != _rules_of(after, ours))


def _rules_of(rules: RuleSet, platform: Platform) -> list[tuple[object, ...]]:
    return [
        (rule.apps, rule.action, rule.proxy, rule.destinations) for rule in rules.rules if platform in rule.platforms
    ]


def _rule(place: str, number: int, rule: Mapping[str, Any]) -> dict[str, Any]:
    action = {"host": None, "authentication": "NONE", **rule["action"]}
    applications = [_application(each) for each in rule.get("applications") or []]
    own = {"id": number, "uuid": _uuid(f"{place}/{number}"), "serial_number": str(number)}
    return {**own, **rule, "action": action, "applications": applications}


def _application(kept: Mapping[str, Any]) -> dict[str, Any]:
    bundle = kept["bundle_id"]
    own = {"application_id": _uuid(bundle), "bundle_id": bundle, "friendly_name": "", "type": "PUBLIC"}
    return {**own, "signing_info": None, **kept}


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:{name}"))
