"""Squid, from the distribution's package: the plain `squid` has no TLS of its own."""

from __future__ import annotations

import os
import shutil
import subprocess

from servers import squid_program

PACKAGE = "squid-openssl"


def install_squid(*, allowed: bool) -> str | None:
    """Why Squid is left out, in words; None where it is there, or could be installed."""
    if squid_program() is not None:
        return None
    if not allowed or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return f"Squid is left out: {PACKAGE} is not installed, and may not be installed here"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(["apt-get", *step], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            return f"Squid is left out: apt-get {step[0]} failed: {done.stderr.strip().splitlines()[-1:]}"
    return None
