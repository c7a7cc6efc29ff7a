"""`tunnel-gateway reload`: all of it or none, and a log that logrotate has renamed."""

from __future__ import annotations

from collections.abc import Callable

from running_gateway import RULES, RunningGateway, Surroundings
from typer.testing import CliRunner

from tunnel_gateway.cli import app


def test_reload(start: Callable[..., RunningGateway], surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    phone = surroundings.device_certificate()
    gateway.connect(phone)
    command = ["reload", "--config", str(gateway.config)]

    log, rules = gateway.directory / "decisions.jsonl", gateway.directory / "rules.yaml"
    log.rename(log.with_name("decisions.jsonl.old"))
    rules.write_text(RULES.replace("name: login", "name: changed"))
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("reloaded: rules changed (")
    assert gateway.connect(phone).status == 200
    assert [record["reason"] for record in gateway.decisions()] == ["rule"]

    rules.write_text(RULES.replace("default: bypass", "default: bypas"))
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "rules.yaml:5:10: unknown default 'bypas' (did you mean 'bypass'?)" in done.stderr
    assert gateway.status()["rules"]["name"] == "changed"
    assert gateway.connect(phone).status == 200
