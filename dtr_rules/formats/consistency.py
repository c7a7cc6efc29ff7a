"""What entries of a rule set file must not say against each other.

It reads the plain data of the file, before and regardless of whether every single entry is right, so that all
mistakes come at once. An entry that is wrong in itself is somebody else's finding and is passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtr_rules.formats.contradiction import Contradiction, mappings, names_twice
from dtr_rules.formats.test_consistency import test_contradictions
from dtr_rules.model import Action, Mode
from dtr_rules.source import KeyPath


def contradictions(data: object) -> Iterator[Contradiction]:
    """Everything in the plain data of a rule set file that does not go together."""
    if not isinstance(data, dict):
        return
    yield from _proxy((), data, action_key="default", proxy_key="default-proxy")
    for index, rule in mappings(data, "rules"):
        yield from _proxy(("rules", index), rule, action_key="action", proxy_key="proxy")
        if data.get("mode") == Mode.PER_APP and "apps" not in rule:
            yield Contradiction(("rules", index), rule, "'apps' is missing; for every app write 'apps: all'")
    yield from names_twice(data, "rules", "rule")
    names = [name for _, entry in mappings(data, "rules") if isinstance(name := entry.get("name"), str)]
    yield from test_contradictions(data, names)


def _proxy(path: KeyPath, entry: dict[str, Any], *, action_key: str, proxy_key: str) -> Iterator[Contradiction]:
    action, proxy = entry.get(action_key), entry.get(proxy_key)
    if action not in list(Action):
        return
    if Action(action).needs_proxy and proxy is None:
        message = f"needs '{proxy_key}', the host:port of the proxy to send traffic to"
        yield Contradiction((*path, action_key), action, message)
    if not Action(action).needs_proxy and proxy is not None:
        message = f"not used by '{action_key}: {action}'; remove it, or choose proxy, tunnel-proxy or web-proxy"
        yield Contradiction((*path, proxy_key), proxy, message)
