"""A source that is a command: `exec: {command: [terraform, output, -json]}`.

It is started without a shell, gets nothing on standard input, and has a bounded time and a bounded output, which is
read as okta_zones.sources.address_text says. Its whole process group ends with its time.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import IO, Final

from okta_zones.addresses import AddressError
from okta_zones.errors import UnreachableError
from okta_zones.sources.address_text import MOST_BYTES, read_addresses
from okta_zones.sources.report import Report

_LAST_WORDS: Final = 2000  # bytes of standard error that are kept


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments. `timeout` in seconds; `output` names the only output of Terraform that counts."""

    command: tuple[str, ...]
    timeout: float = 30.0
    output: str | None = None

    @property
    def key(self) -> str:
        return f"exec {' '.join(self.command)}"

    @property
    def title(self) -> str:
        return f"the command {self.command[0]}"

    def report(self) -> Report:
        """Run it. Raises UnreachableError when it cannot be started, fails, takes too long or says something else."""
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # what it starts ends with it
            )
        except OSError as error:
            raise self._failed(f"cannot be started: {error.strerror}") from None
        with process:
            try:
                out, err = self._read(process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            raise self._failed(f"ended with code {process.returncode}{_last_line(err)}")
        try:
            return Report(self.title, read_addresses(out.decode("utf-8"), self.output))
        except (AddressError, UnicodeDecodeError) as error:
            raise self._failed(f"said something else: {error}") from None

    def _read(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """Both streams to their ends, and the process to its own, within the time."""
        assert process.stdout is not None
        assert process.stderr is not None
        end = time.monotonic() + self.timeout
        found = {process.stdout: bytearray(), process.stderr: bytearray()}
        with selectors.DefaultSelector() as selector:
            for stream in found:
                selector.register(stream, selectors.EVENT_READ, stream)
            while selector.get_map():
                ready = selector.select(max(end - time.monotonic(), 0))
                if not ready:
                    raise self._failed(f"took longer than {self.timeout:.0f} s")
                for key, _ in ready:
                    self._take(key.data, found, selector, process.stdout)
        try:
            process.wait(max(end - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            raise self._failed(f"took longer than {self.timeout:.0f} s") from None
        return bytes(found[process.stdout]), bytes(found[process.stderr])

    def _take(
        self,
        stream: IO[bytes],
        found: dict[IO[bytes], bytearray],
        selector: selectors.BaseSelector,
        stdout: IO[bytes],
    ) -> None:
        part = os.read(stream.fileno(), 65536)
        if not part:
            selector.unregister(stream)
            return
        found[stream] += part
        if stream is not stdout:
            del found[stream][:-_LAST_WORDS]
        elif len(found[stream]) > MOST_BYTES:
            raise self._failed(f"said more than {MOST_BYTES // 1024 // 1024} MiB")

    def _failed(self, words: str) -> UnreachableError:
        return UnreachableError(self.title, words, passing=False)


def _last_line(err: bytes) -> str:
    lines = err.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:200]}" if lines else ""
