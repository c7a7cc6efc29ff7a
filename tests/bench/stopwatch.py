"""How the benchmarks measure: CPU time, the best of several rounds, the machine and a dict look-up beside every number.

A look-up in a dict says how fast the machine was at that moment: neighbours on a shared one can halve it.
"""

from __future__ import annotations

import os
import platform
import time
import timeit
from collections.abc import Callable
from pathlib import Path

ROUNDS = 9
_TABLE = {f"host{n}.example": n for n in range(1000)}


def microseconds(what: Callable[[], object], *, seconds: float = 0.1) -> float:
    """The time of one call: the best of several rounds that take about `seconds` each."""
    timer = timeit.Timer(what, timer=time.process_time)
    number = 1
    while (took := timer.timeit(number)) < seconds / 10:
        number *= 2 if took > seconds / 100 else 10
    number = max(1, round(number * seconds / took))
    return min(timer.repeat(ROUNDS, number)) / number * 1e6


def lookup(*, seconds: float = 0.1) -> str:
    """What a look-up in a dict of 1,000 names costs now, the call around it included."""
    return f"a dict look-up {microseconds(lambda: _TABLE.get('host77.example'), seconds=seconds):.3f} µs"


def machine(*, seconds: float = 0.1) -> str:
    """One line: processor, Python, a look-up in a dict."""
    return f"{_processor()}, {os.cpu_count()} CPUs, Python {platform.python_version()}; {lookup(seconds=seconds)}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
