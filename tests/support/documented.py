"""What the documentation shows of the programs, run for real.

A block that begins with ```console holds commands (`$ …`) and what they print; one that begins with ```console lab is
run in the directory of a running lab. `…` in the text stands for what differs from run to run.

    python tests/support/documented.py docs/*.md README.md      write what the programs print now into the pages
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lab.demo import PHONE, demo_world
from lab.operations import Operations
from lab.world import running_world

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "dtr": "dtr_rules",
    "tunnel-gateway": "tunnel_gateway",
    "okta-zones": "okta_zones",
    "tunnel-lab": "lab",
}
BLOCK = re.compile(r"^```console( lab)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COLUMNS = "100"

# What differs from run to run, and what stands for it in the documentation.
VARYING = (
    (re.compile(r"(127\.\d+\.\d+\.\d+:)\d{4,5}"), r"\1…"),
    (re.compile(r"\bnzo\w{17}"), "nzo…"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "…"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z"), "…"),
    (re.compile(r'("decision_id": ?")[0-9a-f]{16}'), r"\1…"),
    (re.compile(r'("posture_age":)[\d.]+'), r"\1…"),
    (re.compile(r'("posture_revision":)\d+'), r"\1…"),
    (re.compile(r'("duration":)[\d.]+'), r"\1…"),
    (re.compile(r'("reason":"closed-by-)(device|server)'), r"\1…"),  # whoever comes first
    (re.compile(r'("bytes_(?:up|down)":)\d+'), r"\1…"),
    (re.compile(r"revision \d+"), "revision …"),
    (re.compile(r"\d+ of (\d+) requests are left"), r"… of \1 requests are left"),
    (re.compile(r"\buntil \d{4}-\d\d-\d\d( \d\d:\d\d UTC)?"), "until …"),
    (re.compile(r"\d+s old"), "…s old"),
    (re.compile(r"\d+\.\d s$", re.MULTILINE), "… s"),
)

Run = Callable[[list[str]], str]


def blocks(text: str, *, lab: bool) -> list[str]:
    return [found[2] for found in BLOCK.finditer(text) if bool(found[1]) == lab]


def refreshed(block: str, run: Run) -> str:
    """The block with what its commands print now."""
    lines = []
    for command in re.findall(r"^\$ (?:.*\\\n)*.*$", block, re.MULTILINE):
        printed = run(shlex.split(command.removeprefix("$ ").replace("\\\n", " ")))
        for pattern, replacement in VARYING:
            printed = pattern.sub(replacement, printed)
        lines += [command, *(line.rstrip() for line in printed.splitlines())]
    return "".join(f"{line}\n" for line in lines)


def run_in(directory: Path, environment: dict[str, str]) -> Run:
    def run(words: list[str]) -> str:
        if words[0] in PACKAGES:
            words = [sys.executable, "-m", PACKAGES[words[0]], *words[1:]]
        done = subprocess.run(
            words,
            cwd=directory,
            env=environment | {"COLUMNS": COLUMNS, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
        )
        return done.stdout

    return run


def run_here() -> Run:
    return run_in(ROOT, dict(os.environ))


@asynccontextmanager
async def lab_runner() -> AsyncIterator[Run]:
    """A lab whose phone is compliant, its certificate beside the configuration files as phone.pem and phone.key."""
    async with running_world(demo_world((ROOT / "lab" / "demo-rules.yaml").read_text())) as world:
        await Operations(world).fleet.enrol(PHONE)
        for suffix in ("pem", "key"):
            (found,) = (world.directory.path / "device-iPhone").glob(f"*.{suffix}")
            shutil.copy(found, world.directory.path / f"phone.{suffix}")
        environment = dict(world.environment) | {
            "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry),
        }
        (world.directory.path / ".curlrc").write_text(
            f'proxy = "https://{world.gateway.address}:{world.gateway.port}"\n'
            'cacert = "lab-ca.pem"\nproxy-cacert = "lab-ca.pem"\nnoproxy = ""\n'
        )
        yield run_in(world.directory.path, environment)


async def _refresh(pages: list[Path]) -> None:
    here = run_here()
    async with lab_runner() as in_lab:
        for page in pages:
            text = page.read_text()

            def rewrite(found: re.Match[str]) -> str:
                run = in_lab if found[1] else here
                return f"```console{found[1] or ''}\n{refreshed(found[2], run)}```"

            page.write_text(await asyncio.to_thread(BLOCK.sub, rewrite, text))


if __name__ == "__main__":
    asyncio.run(_refresh([Path(name) for name in sys.argv[1:]]))
