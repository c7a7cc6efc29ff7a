"""Rule set files as people write them: keys in any order, any quotes, block or flow, comments and blank lines."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

names = st.text(alphabet="abc XY12,:#'\"-\\é[]{}&*!%@?", min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text != "all"
)
words = st.sampled_from(
    ("yes", "12:30", "1e3", "null", "0x1F", "2027-01-01", "~", "y", "...", "a: b", "a #b", "-", "=", "<<")
)
hosts = st.sampled_from(
    ("acme.okta.com", "*.example.com", "login.example:443", "203.0.113.0/24", "[2001:db8::1]:443", "*", "ACME.example.")
)
apps = st.sampled_from(("com.example.mail", r"C:\Program Files\a.exe", "yes", "1.0"))
platforms = st.sampled_from(("ios", "android", "windows", "macos"))
comments = st.text(alphabet="abc #:-'\"[]{}é", max_size=10).map(lambda text: f"#{text}".rstrip())


@st.composite
def rule_sets(draw: st.DrawFn) -> dict[str, Any]:
    """The plain data of a rule set file."""
    rules = [
        {
            "name": name,
            "platforms": draw(st.lists(platforms, min_size=1, max_size=3)),
            "apps": draw(st.just("all") | st.lists(apps, min_size=1, max_size=6)),
            "action": draw(st.sampled_from(("tunnel", "bypass", "block"))),
            "to": draw(st.lists(hosts, min_size=1, max_size=6)),
            **draw(st.just({}) | st.just({"uem": {"ios": {"id": 1, "x": [None, True, 1.5, "1.5", {"no": []}]}}})),
        }
        for name in draw(st.lists(names | words, max_size=3, unique=True))
    ]
    tests = [
        {"name": name, "flow": {"platform": "ios", "host": "a.example"}, "expect": {"action": "block"}}
        for name in draw(st.lists(names, max_size=2, unique=True))
    ]
    data = {"version": 1, "name": draw(names | words), "mode": "per-app", "default": "bypass", "rules": rules}
    return {**data, **({"tests": tests} if tests else {})}


class Writer:
    """Writes plain data as YAML, in ways chosen by chance."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.comments: list[str] = []

    def text(self, data: dict[str, Any]) -> str:
        lines = [*self._noise(0), *self._block(data, 0), *self._noise(0)]
        return "".join(line + self._draw(st.sampled_from(("\n", "\r\n"))) for line in lines)

    def _chance(self, of: int = 3) -> bool:
        return self._draw(st.integers(0, of)) == of

    def _noise(self, indent: int) -> list[str]:
        """Comments and blank lines, at this indentation or another."""
        found = []
        while self._chance(5):
            if self._chance():
                found.append(self._draw(st.sampled_from(("", "  "))))
            else:
                found.append(
                    " " * self._draw(st.sampled_from((indent, indent, 0, indent + 1, indent + 2))) + self._comment()
                )
        return found

    def _comment(self) -> str:
        self.comments.append(self._draw(comments))
        return self.comments[-1]

    def _beside(self) -> str:
        return f" {self._comment()}" if self._chance(5) else ""

    def _block(self, data: Any, indent: int) -> list[str]:
        pairs = list(data.items()) if isinstance(data, dict) else [(None, item) for item in data]
        if isinstance(data, dict):
            pairs = self._draw(st.permutations(pairs))
        lines: list[str] = []
        for key, value in pairs:
            lines += self._noise(indent)
            opening = "-" if key is None else f"{self._scalar(key)}:"
            if not isinstance(value, dict | list) or not value or self._chance(2):
                flow = self._flow(value, indent + 2)
                lines += [f"{' ' * indent}{opening} {flow}{self._beside()}"]
            elif key is None and self._chance(1):
                first, *rest = self._block(value, indent + 2)
                compact = first.startswith(" " * (indent + 2)) and first.strip() and not first.strip().startswith("#")
                lines += [f"{' ' * indent}- {first.strip()}", *rest] if compact else [f"{' ' * indent}-", first, *rest]
            else:
                lines += [f"{' ' * indent}{opening}{self._beside()}", *self._block(value, indent + 2)]
        return lines

    def _flow(self, value: Any, indent: int) -> str:
        if isinstance(value, dict):
            inner = [f"{self._scalar(key)}: {self._flow(item, indent)}" for key, item in value.items()]
            return f"{{{self._separated(inner, indent)}}}"
        if isinstance(value, list):
            return f"[{self._separated([self._flow(item, indent) for item in value], indent)}]"
        return self._scalar(value)

    def _separated(self, parts: list[str], indent: int) -> str:
        text = ""
        for index, part in enumerate(parts):
            text += part + ("" if index == len(parts) - 1 else ",")
            if self._chance(4):
                text += f" {self._comment()}" if self._chance(2) else ""
                text += f"\n{' ' * indent}"
            else:
                text += " "
        return text

    def _scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if (
            value.replace(".", "").replace("-", "").isalpha()
            and value not in ("null", "true", "-", "...", "y")
            and self._chance(1)
        ):
            return value
        return f"'{value.replace(chr(39), 2 * chr(39))}'" if self._chance(1) else json.dumps(value, ensure_ascii=False)
