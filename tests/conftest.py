"""For all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# Whoever runs the suite in the background lets it ignore Ctrl-C, and every program that a test starts would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# EXAMPLES=10 looks longer for what nobody has thought of; .ci/run has less time.
SHARE = float(os.environ.get("EXAMPLES", "1"))
# No example is wrong because a busy machine is slow.
settings.register_profile(
    "here", max_examples=max(5, round(100 * SHARE)), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("here")
