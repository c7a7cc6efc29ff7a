"""The house: which package may know which, and what stands nowhere."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("dtr_rules", "okta_zones", "tunnel_gateway", "lab")

# What each package may import of the others; a name stands for itself and everything below it.
ALLOWED: dict[str, tuple[str, ...]] = {
    "dtr_rules": (),
    "okta_zones": ("dtr_rules.source", "dtr_rules.credentials"),
    "tunnel_gateway": ("dtr_rules",),
    "lab": ("dtr_rules", "okta_zones", "tunnel_gateway"),
}


@cache
def _files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _below(name: str, parent: str) -> bool:
    return name == parent or name.startswith(f"{parent}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_know_only_what_stands_below_them(package: str) -> None:
    others = [other for other in PACKAGES if other != package]
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _files(package)
        for name in _imports(path)
        if any(_below(name, other) for other in others) and not any(_below(name, ok) for ok in ALLOWED[package])
    ]
    assert wrong == []


@pytest.mark.parametrize("module", ["asyncio", "socket", "time", "httpx", "threading", "subprocess"])
def test_rule_engine_is_pure(module: str) -> None:
    """Only the verbs, at the edge, may look at a clock or wait."""
    pure = [path for path in _files("dtr_rules") if path.parent.name != "commands"]
    wrong = [path.name for path in pure for name in _imports(path) if _below(name, module)]
    assert wrong == []


def test_mitmproxys_inside_is_imported_in_one_place() -> None:
    found = {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in _files(package)
        for name in _imports(path)
        if _below(name, "mitmproxy")
    }
    assert found == {"tunnel_gateway/mitm"}


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.stem in vague]
    assert found == []


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in _files(package)
        if path.name != "__main__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize("package", ["dtr_rules", "okta_zones"])
def test_every_name_of_a_public_face_is_what_its_home_holds(package: str) -> None:
    face = importlib.import_module(package)
    homes = {name: home for home, names in face._HOMES.items() for name in names.split()}
    assert sorted(homes) == sorted(face.__all__)
    for name, home in homes.items():
        assert getattr(face, name) is getattr(importlib.import_module(home), name)
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        face.no_such_name  # noqa: B018


@pytest.mark.parametrize("package", ["dtr_rules", "okta_zones", "tunnel_gateway"])
def test_a_program_starts_without_what_only_its_verbs_need(package: str) -> None:
    heavy = "{'pydantic', 'yaml', 'httpx', 'cryptography', 'mitmproxy'}"
    program = f"import sys, {package}.cli; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "\n"
