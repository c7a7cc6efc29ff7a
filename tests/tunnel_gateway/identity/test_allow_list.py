"""The allow-list: thumbprints as people copy them, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from issuing import DAY, NOW

from dtr_rules.source import UnusableFileError
from tunnel_gateway.identity import Identity
from tunnel_gateway.identity.allow_list import read_allow_list
from tunnel_gateway.reasons import Reason, RefusalError

SHA1, SHA256 = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "ab" * 32
PHONE = Identity("udid", SHA1, SHA256, "CN=phone", "CN=Root", NOW, NOW + DAY, (b"",))
COLONS = ":".join(SHA1[index : index + 2] for index in range(0, 40, 2))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SHA1, id="sha-1"),
        pytest.param(SHA256, id="sha-256"),
        pytest.param(SHA1.upper(), id="upper-case"),
        pytest.param(COLONS, id="colons"),
        pytest.param(COLONS.replace(":", " "), id="spaces"),
        pytest.param(f"\u200e{COLONS}", id="the-unseen-mark-of-windows"),
        pytest.param(f"# phones\r\n\r\n  {SHA1}  # anna's\r\n", id="comments"),
        pytest.param(f"\ufeff{SHA1}\n", id="byte-order-mark"),
        pytest.param(f"{'00' * 20}\n{SHA1}\n{SHA1}", id="among-others"),
    ],
)
def test_certificate_on_the_list_is_accepted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thumbprints.txt"
    path.write_bytes(text.encode())
    read_allow_list(path).judge(PHONE)


def test_any_other_is_not(tmp_path: Path) -> None:
    path = tmp_path / "thumbprints.txt"
    path.write_text("00" * 20 + "\n" + "11" * 32)
    with pytest.raises(RefusalError, match="not on the allow-list") as refusal:
        read_allow_list(path).judge(PHONE)
    assert refusal.value.reason is Reason.CLIENT_CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("abcd", ["1:1: a thumbprint has 40 hex digits (SHA-1) or 64 (SHA-256); found 4"]),
        (
            f"# phones\n{SHA1}\n  {SHA1[:-1]}g\n{SHA1}0",
            [
                "3:3: a thumbprint has 40 hex digits (SHA-1) or 64 (SHA-256); found 'g' in it",
                "4:1: a thumbprint has 40 hex digits (SHA-1) or 64 (SHA-256); found 41",
            ],
        ),
        (
            "# nobody yet\n",
            ["1:1: no thumbprint stands here, so nobody would be admitted; leave out allow-list to admit without one"],
        ),
    ],
    ids=["too-short", "two-mistakes", "empty"],
)
def test_mistakes_have_their_places(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    path = tmp_path / "thumbprints.txt"
    path.write_text(text)
    with pytest.raises(UnusableFileError) as error:
        read_allow_list(path)
    assert str(error.value).splitlines() == [f"{path}:{mistake}" for mistake in mistakes]


def test_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="cannot read this file"):
        read_allow_list(tmp_path / "missing.txt")
