"""`dtr fmt`, `dtr schema`, `dtr convert`, and the UEM's JSON in the other verbs, as a person and a program use them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dtr_rules.cli import app

ROOT = Path(__file__).parents[3]
PROFILE = ROOT / "docs/examples/tunnel-profile.json"
DEMO = ROOT / "lab/demo-rules.yaml"
UNTIDY = ROOT / "docs/examples/untidy.yaml"


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(each) for each in arguments])


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(UNTIDY.read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0o640)
    return path


# --- the UEM's JSON in every verb ----------------------------------------------------------------------------------


def test_check_and_explain_read_the_uems_json() -> None:
    checked = dtr("check", PROFILE)
    assert (checked.exit_code, "2 rules, 3 destinations" in checked.stdout) == (0, True)
    explained = dtr("explain", PROFILE, "--platform", "android", "--host", "acme.okta.com", "--json")
    assert json.loads(explained.stdout)["decision"]["rule"] == "rule-2"


def test_mistakes_in_the_uems_json_have_places(tmp_path: Path) -> None:
    path = tmp_path / "rules.whatever"
    path.write_text(PROFILE.read_text().replace('"TUNNEL"', '"TUNEL"', 1), encoding="utf-8")
    for verb in (("check",), ("explain", "--platform", "ios", "--host", "a")):
        ran = dtr(verb[0], path, *verb[1:])
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.stderr.startswith(f"{path}:25:32: unknown type 'TUNEL' (did you mean 'TUNNEL'?)")


# --- fmt -----------------------------------------------------------------------------------------------------------


def test_fmt_writes_the_canonical_form_once(untidy: Path) -> None:
    assert dtr("fmt", untidy).stdout == f"{untidy}: formatted\n"
    assert untidy.read_text().startswith("version: 1\nname: untidy\nmode: per-app\n")
    assert "  # ticket 4711\n  - name: identity-providers  # anna\n" in untidy.read_text()
    assert stat.S_IMODE(untidy.stat().st_mode) == 0o640
    assert dtr("fmt", untidy).stdout == f"{untidy}: canonical\n"
    assert [path.name for path in untidy.parent.iterdir()] == ["rules.yaml"]


def test_fmt_check_writes_nothing(untidy: Path) -> None:
    before = untidy.read_bytes()
    ran = dtr("fmt", "--check", untidy, DEMO)
    assert (ran.exit_code, ran.stdout) == (1, f"{untidy}: would change\n{DEMO}: canonical\n")
    assert untidy.read_bytes() == before
    assert dtr("fmt", "--check", DEMO).exit_code == 0


def test_fmt_keeps_a_link_a_link(untidy: Path) -> None:
    link = untidy.with_name("link.yaml")
    link.symlink_to(untidy.name)
    assert dtr("fmt", link).exit_code == 0
    assert link.is_symlink()
    assert untidy.read_text().startswith("version: 1")


def test_fmt_shows_mistakes_and_goes_on(tmp_path: Path, untidy: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 2\n", encoding="utf-8")
    ran = dtr("fmt", "--json", bad, PROFILE, untidy)
    assert ran.exit_code == 2
    files = json.loads(ran.stdout)["files"]
    assert [(each["ok"], each["changed"]) for each in files] == [(False, False), (False, False), (True, True)]
    assert "dtr convert --to yaml" in files[1]["mistakes"][0]["message"]
    assert bad.read_text() == "version: 2\n"


def test_fmt_formats_test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text(
        "rule-set: r.yaml\nversion: 1\ntests:\n- {name: t, expect: {action: block}, flow: {host: a, platform: ios}}\n",
        encoding="utf-8",
    )
    assert dtr("fmt", path).exit_code == 0
    assert path.read_text().startswith(
        "version: 1\nrule-set: r.yaml\ntests:\n  - name: t\n    flow: {platform: ios, host: a}"
    )


def test_fmt_says_what_it_cannot_write(untidy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = untidy.read_bytes()
    monkeypatch.setattr(Path, "replace", full)
    ran = dtr("fmt", untidy)
    assert (ran.exit_code, ran.stderr) == (3, f"{untidy}:1:1: cannot write this file: No space left on device\n")
    assert untidy.read_bytes() == before
    assert [path.name for path in untidy.parent.iterdir()] == ["rules.yaml"]


# --- schema --------------------------------------------------------------------------------------------------------


def test_schema_is_printed_as_json() -> None:
    assert json.loads(dtr("schema").stdout)["title"] == "Device traffic rules"
    assert json.loads(dtr("schema", "--tests").stdout)["title"] == "Tests of device traffic rules"
    assert json.loads(dtr("schema", "--json").stdout)["v"] == 1


# --- convert -------------------------------------------------------------------------------------------------------


def test_convert_to_yaml_and_back_is_json_equal(tmp_path: Path) -> None:
    yaml, back = tmp_path / "rules.yaml", tmp_path / "rules.json"
    assert dtr("convert", PROFILE, "--to", "yaml", "-o", yaml).exit_code == 0
    assert dtr("check", yaml).exit_code == 0
    assert dtr("convert", yaml, "--to", "uem", "-o", back).exit_code == 0
    assert json.loads(back.read_text()) == json.loads(PROFILE.read_text())
    assert {stat.S_IMODE(path.stat().st_mode) for path in (yaml, back)} == {0o600}  # a device's profile is in them


def test_convert_to_uem_says_what_is_left_out() -> None:
    ran = dtr("convert", DEMO, "--to", "uem")
    assert json.loads(ran.stdout)["default_action"] == "BYPASS"
    words = "the names of the set and of its rules, 'profile-apps', 'tests'"
    assert ran.stderr == f"note: not in the UEM's JSON, which has no word for it: {words}\n"


def test_convert_yaml_to_yaml_keeps_comments() -> None:
    assert dtr("convert", DEMO, "--to", "yaml").stdout == DEMO.read_text()


def test_convert_to_console_says_that_there_is_no_api() -> None:
    ran = dtr("convert", DEMO, "--to", "console")
    assert "No public API of the UEM writes rule sets" in ran.stdout
    document = json.loads(dtr("convert", DEMO, "--to", "console", "--json").stdout)
    assert document["console"]["rows"][0]["destinations"].startswith("acme.okta.com,login.microsoftonline.com,")


def test_convert_to_pac_needs_platform_and_gateway(tmp_path: Path) -> None:
    assert "--platform" in dtr("convert", DEMO, "--to", "pac").stderr
    ran = dtr("convert", DEMO, "--to", "pac", "--platform", "ios")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"{DEMO}:20:13: a PAC file names the gateway to tunnel to; give --gateway")
    path = tmp_path / "proxy.pac"
    ran = dtr("convert", DEMO, "--to", "pac", "--platform", "ios", "--gateway", "gw.example:443", "--output", path)
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "HTTPS gw.example:443" in path.read_text()


def test_convert_refuses_what_pac_cannot_say(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    rule = "{name: a, action: tunnel-proxy, proxy: 'p.example:1', to: [a.example]}"
    path.write_text(f"version: 1\nname: a\nmode: full-device\ndefault: bypass\nrules:\n  - {rule}\n", encoding="utf-8")
    ran = dtr("convert", path, "--to", "pac", "--platform", "ios", "--json")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == f"{path}:6:23: a PAC file cannot say 'tunnel-proxy': it names one proxy, not a chain\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--to", "yaml", "--platform", "ios"), "are for --to pac", id="option-of-another-target"),
        pytest.param(("--to", "pac", "--platform", "ios", "--gateway", "gw"), "port is missing", id="gateway"),
        pytest.param(("--to", "pac", "--platform", "ios", "--gateway", "https://gw:1"), "host:port alone", id="scheme"),
        pytest.param(("--to", "excel"), "excel", id="target"),
    ],
)
def test_convert_refuses_bad_options(arguments: tuple[str, ...], message: str) -> None:
    ran = dtr("convert", DEMO, *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_convert_says_what_it_cannot_write(tmp_path: Path) -> None:
    ran = dtr("convert", DEMO, "--to", "uem", "-o", tmp_path / "no" / "where.json")
    assert ran.exit_code == 3
    assert "where.json:1:1: cannot write this file: No such file or directory" in ran.stderr
