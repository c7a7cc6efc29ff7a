"""What `dtr lint` and `dtr diff` take for rule sets of the stated mix: whole commands, their start and output included.

    python tests/bench/whole_set.py [--tiny]

`diff` twice: against a set with a few rules changed, which is what people do, and against another set altogether.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from rule_mix import mix
from stopwatch import lookup, machine

ROOT = Path(__file__).parents[2]
TARGETS = {"lint": 5.0, "diff": 10.0}
CHANGED = 5


def cpu_seconds(*command: str) -> tuple[float, str]:
    """CPU seconds of one command, and the last line that it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run([sys.executable, "-m", "dtr_rules", *command], capture_output=True, text=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ran.returncode in (0, 1), ran.stderr
    last = (ran.stdout.strip().splitlines() or ["(nothing)"])[-1]
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, last.strip()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    tiny = arguments.parse_args().tiny
    seconds, rules = (0.002, 10) if tiny else (0.1, 1000)
    print(machine(seconds=seconds))
    good = True
    with tempfile.TemporaryDirectory() as name:
        one, edited, other = (str(Path(name, file)) for file in ("one.yaml", "edited.yaml", "other.yaml"))
        text = mix(rules=rules)
        Path(one).write_text(text, encoding="utf-8")
        Path(edited).write_text(text.replace("action: block", "action: tunnel", CHANGED), encoding="utf-8")
        Path(other).write_text(mix(rules=rules, seed="other"), encoding="utf-8")
        for what, *files in (
            ("lint", one, "--idp", "okta:acme.okta.com", "--idp", "entra"),
            ("diff", one, edited),
            ("diff", one, other),
        ):
            took, last = cpu_seconds(what, *files)
            shown = " ".join(Path(each).name for each in files)
            print(f"dtr {what} {shown}: {took:.2f} s of {TARGETS[what]:.0f}; {lookup(seconds=seconds)}; last: {last}")
            good = good and took <= TARGETS[what]
    print(f"targets: {'reached' if good else 'MISSED'}")
    return 0 if tiny or good else 1


if __name__ == "__main__":
    sys.exit(main())
