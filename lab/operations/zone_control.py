"""`okta-zones` as an administrator runs it, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.authority import write_private
from lab.process import ProgramFailedError, Result, command, run
from lab.world import World

PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """What a run found, or did, at one target: addresses as the program writes them."""

    kind: str
    title: str
    action: str
    outcome: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    not_ours: tuple[str, ...]


class ZoneControl:
    """The zone controller of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self, verb: str, *arguments: str, addresses: Sequence[str] = ()) -> Result:
        """Run `okta-zones VERB …` to its end, with `addresses` in a file for `--addresses`.

        Raises ProgramFailedError when it does not come to an end.
        """
        world = self._world
        if addresses:
            file = world.directory.path / "addresses.txt"
            write_private(file, "".join(f"{address}\n" for address in addresses).encode())
            arguments = (*arguments, "--addresses", str(file))
        start = [*command("okta-zones", "okta_zones"), verb, "--config", str(world.directory.zones), *arguments]
        return await run(start, world.environment, PATIENCE)

    async def changes(self, verb: str) -> tuple[ZoneChange, ...]:
        """What `okta-zones VERB --json` tells of each target. Raises ProgramFailedError when it does not end with 0."""
        result = await self.run(verb, "--json")
        if result.code != 0:
            said = _words(result.err, result.out)
            raise ProgramFailedError(f"okta-zones {verb} ended with code {result.code}: {said}")
        return tuple(_change(target) for target in json.loads(result.out)["targets"])


def _change(target: Mapping[str, Any]) -> ZoneChange:
    return ZoneChange(
        kind=target["kind"],
        title=target["title"],
        action=str(target["action"]),
        outcome=target["outcome"],
        add=tuple(target["add"]),
        remove=tuple(target["remove"]),
        not_ours=tuple(_entry(each["entry"]) for each in target["not_ours"]),
    )


def _entry(entry: Mapping[str, Any]) -> str:
    """An entry of a zone as Okta writes it, or of a named location as Graph does."""
    return str(entry.get("value") or entry.get("cidrAddress") or json.dumps(dict(entry)))


def _words(err: str, out: str) -> str:
    """The program's own words: on stderr, or in its document."""
    try:
        targets = json.loads(out)["targets"]
    except (ValueError, KeyError):
        return err.strip()
    said = [f"{target['name']}: {target['error']['message']}" for target in targets if target["error"]]
    return "; ".join(filter(None, [err.strip(), *said]))
