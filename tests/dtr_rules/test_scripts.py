"""Labels that mix scripts: those of look-alikes are found, those that people write are not."""

from __future__ import annotations

import unicodedata

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.hosts import HostError, parse_host
from dtr_rules.scripts import mixed_scripts


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("почта", id="cyrillic"),
        pytest.param("bücher", id="latin-with-an-accent"),
        pytest.param("o\u0301kta", id="latin-with-a-combining-accent"),
        pytest.param("ελλάδα", id="greek"),
        pytest.param("почта-24", id="digits-and-hyphen"),
        pytest.param("123", id="digits-alone"),
        pytest.param("日本語", id="han"),
        pytest.param("東京タワーへ", id="han-and-both-kana"),
        pytest.param("okta東京タワーへ", id="latin-with-japanese"),
        pytest.param("ラーメン", id="sound-mark-that-both-kana-share"),
        pytest.param("okta한국", id="latin-with-korean"),
        pytest.param("okta漢ㄅ", id="latin-with-han-and-bopomofo"),
        pytest.param("हिन्दी", id="devanagari"),
        pytest.param("ไทย", id="thai"),
        pytest.param("שלום", id="hebrew"),
        pytest.param("ᏣᎳᎩ", id="cherokee"),
    ],
)
def test_labels_that_people_write_pass(label: str) -> None:
    assert mixed_scripts(label) is None


@pytest.mark.parametrize(
    ("label", "scripts"),
    [
        pytest.param("\u043ekta", ["Cyrillic", "Latin"], id="cyrillic-o-in-latin"),
        pytest.param("okt\u0430", ["Cyrillic", "Latin"], id="cyrillic-a-at-the-end"),
        pytest.param("ωmega", ["Greek", "Latin"], id="greek-in-latin"),
        pytest.param("поστа", ["Cyrillic", "Greek"], id="greek-in-cyrillic"),
        pytest.param("かな한", ["Hangul", "Hiragana"], id="japanese-with-korean"),
        pytest.param("okta漢я", ["Cyrillic", "Han", "Latin"], id="cyrillic-in-latin-with-han"),
        pytest.param("漢я", ["Cyrillic", "Han"], id="cyrillic-with-han"),
        pytest.param("oktaไทย", ["Latin", "Thai"], id="latin-with-thai"),
        pytest.param("Ꭺ\ua4d1", ["Cherokee", "Lisu"], id="two-scripts-that-look-latin"),
        pytest.param("a\U000e0fff", ["Latin", "U+E0FFF"], id="character-that-no-version-has"),
    ],
)
def test_mixtures_are_named(label: str, scripts: list[str]) -> None:
    assert mixed_scripts(label) == scripts


def test_the_a_label_is_the_way_to_write_what_is_meant() -> None:
    with pytest.raises(HostError) as error:
        parse_host("www.\u043ekta.com")
    assert "'www.xn--kta-red.com'" in str(error.value)
    assert str(parse_host("www.xn--kta-red.com")) == "www.xn--kta-red.com"


def test_each_label_stands_for_itself() -> None:
    assert str(parse_host("почта.рф")) == "xn--80a1acny.xn--p1ai"
    assert str(parse_host("почта.example.com")) == "xn--80a1acny.example.com"


LETTERS = {
    name: [chr(code) for code in range(0x0250) if unicodedata.name(chr(code), "").startswith(f"{name} SMALL")]
    or [chr(code) for code in range(0x0370, 0x0530) if unicodedata.name(chr(code), "").startswith(f"{name} SMALL")]
    for name in ("LATIN", "GREEK", "CYRILLIC")
}


@given(st.sampled_from(sorted(LETTERS)), st.data())
@tried(100)
def test_letters_of_one_name_are_of_one_script(name: str, data: st.DataObject) -> None:
    """Unicode's names say the script, too, so they check the table from another side."""
    label = data.draw(st.text(alphabet=st.sampled_from(LETTERS[name]), min_size=1, max_size=8))
    assert mixed_scripts(label) is None
    other = data.draw(st.sampled_from(sorted(set(LETTERS) - {name})))
    assert mixed_scripts(label + data.draw(st.sampled_from(LETTERS[other]))) is not None
