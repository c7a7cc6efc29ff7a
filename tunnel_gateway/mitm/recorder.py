"""What inspection writes down: every exchange as mitmproxy's own flow file, the last ones as HAR; its owner's alone."""

from __future__ import annotations

import json
import os
from collections import deque
from pathlib import Path
from typing import BinaryIO, Final

from mitmproxy import http, io
from mitmproxy.addons.savehar import SaveHar

FLOWS, HAR = "flows.mitm", "flows.har"
MAX_HAR_FLOWS: Final = 1000
"""The HAR file holds the last so many exchanges; the flow file holds all."""


class Recorder:
    """An add-on of mitmproxy's. Raises OSError where the directory cannot be written to."""

    def __init__(self, directory: Path) -> None:
        self._har = directory / HAR
        self._stream = _private(directory / FLOWS, os.O_APPEND)
        self._writer = io.FlowWriter(self._stream)
        self._last: deque[http.HTTPFlow] = deque(maxlen=MAX_HAR_FLOWS)

    def response(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is None:  # that one is written at its end
            self._write(flow)

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        self._write(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._write(flow)

    def done(self) -> None:
        self._stream.close()

    def _write(self, flow: http.HTTPFlow) -> None:
        self._writer.add(flow)
        self._stream.flush()
        self._last.append(flow)
        har = json.dumps(SaveHar().make_har(list(self._last)), indent=1)
        new = self._har.with_suffix(".new")
        with _private(new, os.O_TRUNC) as stream:
            stream.write(har.encode())
        new.replace(self._har)


def _private(path: Path, mode: int) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | mode, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")
