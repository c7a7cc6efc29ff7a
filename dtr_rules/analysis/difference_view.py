"""A difference for people: each change with where it happens, for whom, and an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtr_rules.analysis.answers import Apps, Change, Difference, Effect, FlowClass
from dtr_rules.flow_words import in_words
from dtr_rules.model import Platform, RuleSet
from dtr_rules.reasons import DecisionReason
from dtr_rules.terminal import ACTION_STYLES, styled

_CHANGES = 60
_HOSTS = 6
_NAMES = 4

_BY: dict[DecisionReason | None, str] = {
    DecisionReason.DEFAULT_ACTION: "by no rule",
    DecisionReason.NOT_IN_VPN_PROFILE: "outside the VPN profile",
}


def show(old: RuleSet, new: RuleSet, difference: Difference, console: Console, *, only_action: bool) -> None:
    """Print `difference`."""
    console.print(_verdict(old, new, difference, only_action=only_action))
    for change in difference.changes[:_CHANGES]:
        console.print()
        console.print(_head(change, only_action=only_action))
        for group in _alike(change.classes):
            console.print(_group(group))
    hidden = len(difference.changes) - _CHANGES
    if hidden > 0:
        console.print()
        console.print(styled(f"and {hidden} more changes; --json shows all of them"))
    for sentence in difference.undecided:
        console.print()
        console.print(styled("not decided: ", "bold yellow").append_text(styled(sentence)))


def _verdict(old: RuleSet, new: RuleSet, difference: Difference, *, only_action: bool) -> Text:
    if difference.no_effect:
        text = styled("no effect", "bold green")
        what = "do the same with every flow" if only_action else "decide every flow alike, by the same rules"
        text.append_text(styled(f": both sets {what}; proved for all hosts, addresses, ports, apps and platforms"))
        return text if old.digest != new.digest else text.append_text(styled(" (they are the same set)"))
    if not difference.changes:
        return styled("no change was found, and not everything could be compared", "bold yellow")
    count = len(difference.changes)
    return styled(f"{count} change{'s' if count > 1 else ''} in effect", "bold")


def _head(change: Change, *, only_action: bool) -> Text:
    old, new = (_effect(each, only_action=only_action) for each in (change.old, change.new))
    return old.append_text(styled(" -> ")).append_text(new)


def _effect(effect: Effect, *, only_action: bool) -> Text:
    text = Text(overflow="fold").append(effect.action, style=ACTION_STYLES[effect.action])
    if effect.proxy is not None:
        text.append_text(styled(f" {effect.proxy}"))
    if effect.rule is not None:
        return text.append_text(styled(f" by rule '{effect.rule}'"))
    if only_action:
        return text
    return text.append_text(styled(f" {_BY.get(effect.reason, 'by the rules')}"))


def _alike(classes: Iterable[FlowClass]) -> Iterator[list[FlowClass]]:
    """Classes with the same ports and apps stand together."""
    groups: dict[tuple[object, ...], list[FlowClass]] = {}
    for each in classes:
        groups.setdefault((each.ports, each.apps, each.crossing), []).append(each)
    yield from groups.values()


def _group(classes: Sequence[FlowClass]) -> Table:
    first = classes[0]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("  hosts", styled(_listed([_hosts(each) for each in classes], _HOSTS)))
    for apps in first.apps:
        grid.add_row("  apps", styled(_apps(apps)))
    if first.ports is not None:
        grid.add_row("  ports", styled(", ".join(map(str, first.ports))))
    grid.add_row("  example", styled(in_words(first.example)))
    return grid


def _hosts(each: FlowClass) -> str:
    if not each.hosts:
        return "every host that no rule takes"
    if each.hosts == ("*",) and each.example.in_vpn_profile is not True and _by_profile(each):
        return "every host that the rules decide so"
    joined = " and ".join(each.hosts)
    return f"for instance where {joined} match both" if each.crossing else joined


def _by_profile(each: FlowClass) -> bool:
    return DecisionReason.NOT_IN_VPN_PROFILE in (each.old.reason, each.new.reason)


def _apps(apps: Apps) -> str:
    where = "all platforms" if len(apps.platforms) == len(Platform) else " and ".join(apps.platforms)
    if apps.every:
        return f"every app on {where}"
    named = [*apps.named[:_NAMES], *([f"{len(apps.named) - _NAMES} more"] if len(apps.named) > _NAMES else [])]
    others = ["apps that neither set names"] if apps.others else []
    return f"{', '.join([*named, *others])} on {where}"


def _listed(texts: Iterable[str], most: int) -> str:
    unique = list(dict.fromkeys(texts))
    more = [f"{len(unique) - most} more"] if len(unique) > most else []
    return ", ".join([*unique[:most], *more])
