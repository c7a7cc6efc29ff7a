"""What to type into the UEM's console for a rule set, rank by rank.

There is no public API that writes rule sets, so a person has to. The console takes the destinations of a rule as one
line, separated by commas, without spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dtr_rules.destinations import AddressRange, Destination, NamePattern
from dtr_rules.model import Action, Mode, Platform, Rule, RuleSet

NO_API: Final = "No public API of the UEM writes rule sets: this has to be typed into its console."
PUBLISH: Final = (
    "Then choose Save and Publish: with Save alone, devices that have the profile keep the old rules. "
    "Publishing installs the profile again on every assigned device, which gives each a new client certificate."
)

_TABS: Final = {Mode.PER_APP: "Per Application", Mode.FULL_DEVICE: "Full Device"}
_ACTIONS: Final = {
    Action.TUNNEL: "Tunnel",
    Action.BYPASS: "Bypass",
    Action.BLOCK: "Block",
    Action.PROXY: "Proxy",
    Action.TUNNEL_PROXY: "Tunnel + Proxy",
    Action.WEB_PROXY: "Web Proxy",
}
_PLATFORMS: Final = {
    Platform.IOS: "iOS",
    Platform.ANDROID: "Android",
    Platform.WINDOWS: "Windows",
    Platform.MACOS: "macOS",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the console shows it. `rank` counts from 1; `apps` is None for All Applications."""

    rank: int
    rule: str
    platforms: tuple[str, ...]
    apps: tuple[str, ...] | None
    action: str
    proxy: str | None
    destinations: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Typing:
    """All that is to be typed: the tab, the rules by rank, the default action at last."""

    tab: str
    rows: tuple[Row, ...]
    default: str
    default_proxy: str | None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        rows = [
            {
                "rank": row.rank,
                "rule": row.rule,
                "platforms": list(row.platforms),
                "applications": "All Applications" if row.apps is None else list(row.apps),
                "action": row.action,
                "proxy": row.proxy,
                "destinations": row.destinations,
                "remarks": list(row.remarks),
            }
            for row in self.rows
        ]
        return {"tab": self.tab, "rows": rows, "default_action": self.default, "default_proxy": self.default_proxy}


def typing(rule_set: RuleSet) -> Typing:
    """What to type for `rule_set`."""
    rows = tuple(_row(rank, rule, rule_set.mode) for rank, rule in enumerate(rule_set.rules, 1))
    return Typing(_TABS[rule_set.mode], rows, _ACTIONS[rule_set.default], rule_set.default_proxy)


def as_text(typing: Typing) -> str:
    """The same for a person: nothing is wrapped, so that each value can be copied whole."""
    return "".join(f"{line}\n" for line in _lines(typing))


def _lines(typing: Typing) -> Iterator[str]:
    yield NO_API
    yield f"tab: {typing.tab}"
    for row in typing.rows:
        yield ""
        yield f"rank {row.rank}  ({row.rule})"
        yield f"  platforms     {', '.join(row.platforms)}"
        yield f"  applications  {'All Applications' if row.apps is None else ', '.join(row.apps)}"
        yield f"  action        {row.action}"
        if row.proxy is not None:
            yield f"  proxy         {row.proxy}"
        yield f"  destinations  {row.destinations}"
        yield from (f"  note          {remark}" for remark in row.remarks)
    yield ""
    proxy = "" if typing.default_proxy is None else f" {typing.default_proxy}"
    yield f"default action: {typing.default}{proxy}"
    yield PUBLISH


def _row(rank: int, rule: Rule, mode: Mode) -> Row:
    return Row(
        rank=rank,
        rule=rule.name,
        platforms=tuple(_PLATFORMS[each] for each in Platform if each in rule.platforms),
        apps=None if rule.apps is None else tuple(sorted(rule.apps)),
        action=_ACTIONS[rule.action],
        proxy=rule.proxy,
        destinations=",".join(map(_typed, rule.destinations)),
        remarks=tuple(_remarks(rule, mode)),
    )


def _typed(destination: Destination) -> str:
    """As the file writes it; names that are not ASCII as A-labels."""
    return destination.written if destination.written.isascii() and destination.written else str(destination)


def _remarks(rule: Rule, mode: Mode) -> Iterator[str]:
    if mode is Mode.PER_APP and rule.apps is None and len(rule.platforms) < len(Platform):
        yield "All Applications covers every platform's apps with the profile; for these platforms alone, pick the apps"
    if any(_is_everything(each) for each in rule.destinations):
        yield "'*' belongs to the default action; the console may refuse it as a destination"
    if any(each.ports is not None or isinstance(each.target, AddressRange) for each in rule.destinations):
        yield "which platforms take addresses and ports is not documented; try it on a device"


def _is_everything(destination: Destination) -> bool:
    return isinstance(destination.target, NamePattern) and destination.target.is_everything
