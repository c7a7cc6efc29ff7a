"""Compliance values that nobody has decided: `check` counts the devices, and `run` does not start."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from running_gateway import Surroundings, configuration, run_gateway

from lab.uem.inventory import ComplianceStatus, DevicePlatform


def test_devices_are_counted_and_the_gateway_does_not_run_until_each_value_is_decided(
    surroundings: Surroundings, tmp_path: Path
) -> None:
    for number, (platform, compliance) in enumerate(
        [
            (DevicePlatform.APPLE, ComplianceStatus.COMPLIANT),
            (DevicePlatform.APPLE, ComplianceStatus.PENDING),
            (DevicePlatform.APPLE, ComplianceStatus.PENDING),
            (DevicePlatform.WINDOWS, ComplianceStatus.PENDING),
            (DevicePlatform.ANDROID, ComplianceStatus.NON_COMPLIANT),
        ]
    ):
        device = surroundings.enrol(f"UDID-0000-{number}", platform)
        surroundings.tenant.set_state(device, compliance=compliance)
    config = configuration(surroundings, tmp_path)
    file = yaml.safe_load(config.read_text())
    file["posture"]["compliance"] = {"unknown": "refuse", "not-available": "refuse"}
    config.write_text(yaml.safe_dump(file))

    done = run_gateway("check", "--config", str(config), "--online", "--json")
    (found,) = [each["findings"] for each in json.loads(done.stdout)["sections"] if each["name"] == "uem"]
    shown = {each["subject"]: (each["level"], each["words"]) for each in found}
    assert done.returncode == 1
    assert shown["compliant"] == ("ok", "1 ios: admit")
    assert shown["not-compliant"] == ("ok", "1 android: refuse")
    level, words = shown["pending-compliance-check"]
    assert (level, words.partition(":")[0]) == ("problem", "2 ios, 1 windows")
    assert "posture: compliance: pending" in words
    assert shown["quarantined"][0] == "problem"

    done = run_gateway("run", "--config", str(config))
    assert (done.returncode, done.stdout) == (2, "")
    assert "what becomes of devices that are pending, quarantined; decide each" in done.stderr
    assert "compliance: {pending: refuse, quarantined: refuse}" in done.stderr
    place = done.stderr.removeprefix(f"{config}:").split(": ")[0]
    line, column = map(int, place.split(":"))
    assert config.read_text().splitlines()[line - 1][column - 1 :].startswith("not-available")
