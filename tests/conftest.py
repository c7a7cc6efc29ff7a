"""For all tests."""

from __future__ import annotations

import signal

# Whoever runs the suite in the background lets it ignore Ctrl-C, and every program that a test starts would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
