"""apply that is told to end while it waits until a write counts: with words, and with nothing held."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from zone_worlds import run, zone_world

from okta_zones.journal import Journal, Step

PATIENCE = 60.0


def until_confirmed(journal: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if journal.exists() and journal.stat().st_size:
            with Journal.opened(journal, lambda: datetime.now(UTC)) as opened:
                if any(record.step is Step.CONFIRMED for record in opened.history()):
                    return
        time.sleep(0.05)
    pytest.fail("nothing was confirmed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_wait_ends_with_words_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    with zone_world(tmp_path, monkeypatch) as world:
        config = world.configure()
        config.write_text(config.read_text().replace("propagation: 0s", "propagation: 1h"))
        command = [sys.executable, "-m", "okta_zones", "apply", "--config", str(config)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                until_confirmed(config.with_name("okta-zones.journal"))
                process.send_signal(number)
                _, said = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        assert (process.returncode, said) == (
            130,
            "interrupted; run 'okta-zones apply' again: it finds out what was written\n",
        )
        again = run("apply", "--config", config)
    assert again.exit_code == 0, again.output
    assert len(world.zone_events()) == 1
