"""Rule sets for the benchmarks, the same ones every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

PLATFORMS = ("ios", "android", "windows", "macos")
ACTIONS = ("tunnel", "bypass", "block")
WORDS = ("login", "mail", "acme", "auth", "cdn", "api", "static", "files", "sso", "portal", "intra", "vpn", "news")
ENDS = ("com", "net", "org", "example", "io")


class Dice:
    """Numbers that look like chance and are the same on every machine."""

    def __init__(self, seed: str) -> None:
        self._seed, self._thrown = seed, 0

    def below(self, limit: int) -> int:
        self._thrown += 1
        digest = hashlib.blake2b(f"{self._seed}/{self._thrown}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % limit

    def one_of(self, *choices: str) -> str:
        return choices[self.below(len(choices))]

    def some_of(self, choices: tuple[str, ...], most: int) -> list[str]:
        return sorted({self.one_of(*choices) for _ in range(1 + self.below(most))})


def mix(rules: int = 1000, destinations: int = 10, patterns: int = 100, apps: int = 20, seed: str = "mix") -> str:
    """The mix that the targets are stated for, as a rule set file.

    `patterns` destinations have a `*` inside or behind; the others are names, suffixes and networks.
    """
    return "\n".join(_lines(rules, destinations, patterns, apps, Dice(seed))) + "\n"


def _lines(rules: int, destinations: int, patterns: int, apps: int, dice: Dice) -> Iterator[str]:
    ids = tuple(f"com.example.app{number}" for number in range(apps))
    yield from ("version: 1", "name: mix", "mode: per-app", "default: bypass", "rules:")
    every = max(1, rules * destinations // max(1, patterns))
    for rule in range(rules):
        yield f"  - name: rule-{rule}"
        yield f"    platforms: [{', '.join(dice.some_of(PLATFORMS, 6))}]"
        yield f"    apps: {'all' if dice.below(2) else '[' + ', '.join(dice.some_of(ids, 3)) + ']'}"
        yield f"    action: {dice.one_of(*ACTIONS)}"
        yield "    to:"
        for number in range(destinations):
            is_pattern = patterns and (rule * destinations + number) % every == 0
            yield f'      - "{_pattern(dice) if is_pattern else _destination(dice)}"'


def _pattern(dice: Dice) -> str:
    word = f"{dice.one_of(*WORDS)}{dice.below(10_000)}"
    return dice.one_of(f"*{word}*", f"{word}*", f"*.{word}.*")


def _destination(dice: Dice) -> str:
    name = f"{dice.one_of(*WORDS)}{dice.below(10_000)}.{dice.one_of(*WORDS)}{dice.below(1_000)}.{dice.one_of(*ENDS)}"
    port = "" if dice.below(5) else ":443"
    kind = dice.below(100)
    if kind < 45:
        return f"{name}{port}"
    if kind < 80:
        return f"*.{name}{port}"
    if kind < 88:
        return f"*{name}{port}"
    if kind < 95:
        return f"{1 + dice.below(223)}.{dice.below(256)}.{dice.below(256)}.0/24{port}"
    return f"2001:db8:{dice.below(65_536):x}::/48"
