"""The console's page in Chromium, as people use it: by mouse, by keyboard, on a phone, with a screen reader."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from chromium import DESKTOP, PHONE, Browser, chromium
from running_lab import RunningLab, running_lab

pytestmark = pytest.mark.browser

CONTROLS = {"button", "switch", "combobox", "searchbox", "textbox", "link", "checkbox", "listbox"}
FIRST_SWITCH = "#cards li:nth-child(1) .switches label:nth-child(1) input"
CONTRAST = """
const parse = (text) => {
  const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
  return { rgb: [red, green, blue], alpha };
};
const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const rect = each.matches("g") ? each.querySelector(":scope > rect") : null;
    const found = rect ? getComputedStyle(rect).fill : getComputedStyle(each).backgroundColor;
    if (parse(found).alpha === 1) return parse(found).rgb;
  }
  return [255, 255, 255];
};
const poor = [];
for (const element of document.querySelectorAll("body *")) {
  const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
  if (!text || !element.checkVisibility() || element.disabled || element.closest(".hidden, .mark, title")) continue;
  const style = getComputedStyle(element);
  const front = parse(element.closest("svg") ? style.fill : style.color).rgb;
  const [dark, light] = [luminance(front), luminance(behind(element))].sort((one, other) => one - other);
  const ratio = (light + 0.05) / (dark + 0.05);
  if (ratio < 4.5) poor.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return poor;
"""


TOO_WIDE = """
const sticksOut = (element) => {
  const [inner, outer] = [element, element.closest(".panel")].map((each) => each.getBoundingClientRect());
  return inner.right > outer.right || inner.left < outer.left;
};
return [...document.querySelectorAll(".panel :is(button, select, input, .badge, code)")]
  .filter((each) => each.checkVisibility() && sticksOut(each)).map((each) => each.outerHTML.slice(0, 80));
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("up")) as lab:
        yield lab


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """First, so that no world is started where there is no browser."""
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def entered(browser: Browser, lab: RunningLab) -> str:
    """The console's URL, in a browser that has opened the link."""
    browser.open(lab.new_link())
    return lab.url


@pytest.fixture
def page(browser: Browser, entered: str) -> Iterator[Browser]:
    """The page, as it is just after it was opened; nothing may have gone wrong in it at the end."""
    browser.look(DESKTOP)
    browser.open(entered)
    browser.until(lambda: browser.texts("#connection") == ["live"], "the page has not come up")
    browser.complaints()
    browser.requested()
    yield browser
    assert browser.complaints() == []
    assert [url for url in browser.requested() if not url.startswith(f"{entered}/")] == []


def logins(page: Browser) -> list[str]:
    return page.texts("#rows tr")


def sign_in(page: Browser, device: str, at: str) -> str:
    """Press the button; the row of the login."""
    before = len(page.run("return document.querySelectorAll('#rows tr')"))
    page.click(f"[aria-label='Sign in on {device} at {at}']")
    page.until(
        lambda: len(page.run("return document.querySelectorAll('#rows tr')")) > before, "the login does not come"
    )
    return logins(page)[0]


def choose(page: Browser, selector: str, value: str) -> None:
    """Put a value into a field, as a user does who then goes on."""
    script = """const at = document.querySelector(arguments[0]); at.value = arguments[1];
        for (const name of ["input", "change"]) at.dispatchEvent(new Event(name))"""
    page.run(script, selector, value)


def test_sign_in_now_is_followed_to_where_it_ends(page: Browser) -> None:
    row = sign_in(page, "android", "Okta")
    assert "admitted acme.okta.com by rule identity-providers" in row
    assert "ALLOW by From the tunnel" in row
    assert page.texts("#story li.last") == ["Outlook on android at Okta: allowed"]
    assert page.run("return document.querySelectorAll('.stop.good').length") == 1
    row = sign_in(page, "stranger", "Entra")
    assert "not asked" in row
    assert "AADSTS53003" in row
    assert page.texts("svg .reason") == ["AADSTS53003"]
    assert page.run("return document.querySelectorAll('.stop.bad').length") == 1


def test_the_dot_moves_unless_somebody_prefers_less_motion(page: Browser) -> None:
    seen = "window.seen = 0; new MutationObserver((all) => all.forEach((each) => each.addedNodes.forEach((node) => {"
    seen += "if (node.classList?.contains('dot')) window.seen += 1; })))"
    seen += ".observe(document.getElementById('drawing'), { childList: true, subtree: true })"
    page.run(seen)
    sign_in(page, "mac", "Okta")
    page.until(lambda: page.texts(".stop ~ .mark") or page.run("return document.querySelector('.stop')"), "no end")
    assert page.run("return window.seen") == 0
    page.look(DESKTOP, still=False)
    sign_in(page, "mac", "Okta")
    page.until(lambda: page.run("return window.seen") == 1, "no dot")
    page.until(lambda: page.run("return document.querySelector('.stop.good')"), "the dot does not arrive")


def test_a_phone_is_made_non_compliant_and_refused_by_keyboard_alone(page: Browser) -> None:
    def focused() -> str:
        name: str = page.run(
            "const at = document.activeElement; return at.ariaLabel ?? at.labels?.[0]?.innerText ?? ''"
        )
        return name

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.press("\ue004")
            if focused() == name:
                break
        else:
            pytest.fail(f"{name} cannot be reached")
        outline = page.run("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "the focus cannot be seen"

    tab_to("Compliant")
    page.press(" ")
    page.until(lambda: "UEM: not compliant" in page.texts("#cards li .badges")[0], "the UEM does not notice")
    assert focused() == "Compliant"
    tab_to("Sign in on iphone at Okta")
    page.press("\ue007")
    page.until(lambda: any("device-not-compliant" in row for row in logins(page)), "no reason")
    page.until(lambda: page.texts("svg .reason") == ["refused: device-not-compliant"], "no reason in the drawing")
    assert any("Open the UEM's app" in line for line in page.texts("#story li"))
    assert page.run("return document.getElementById('said').textContent") == "Outlook on iphone at Okta: never reached"
    page.click(FIRST_SWITCH)
    page.until(lambda: "UEM: compliant" in page.texts("#cards li .badges")[0], "the phone is not mended")


def test_the_stream_is_filtered_and_paused(page: Browser) -> None:
    sign_in(page, "laptop", "Okta")
    sign_in(page, "stranger", "Okta")
    choose(page, "#by-device", "laptop")
    assert logins(page)
    assert all("laptop" in row for row in logins(page))
    choose(page, "#by-device", "")
    page.click("#by-text")
    page.press(*"catch-all")
    assert logins(page)
    assert all("Catch-all" in row for row in logins(page))
    choose(page, "#by-text", "no such words")
    assert logins(page) == []
    assert page.texts("#none") == ["No login fits these filters."]
    choose(page, "#by-text", "")
    before = len(logins(page))
    page.click("#pause")
    page.click("[aria-label='Sign in on laptop at Okta']")
    page.until(lambda: "1 held back" in page.texts("#count")[0], "nothing is held back")
    assert len(logins(page)) == before
    page.click("#pause")
    assert len(logins(page)) == before + 1


def test_a_change_of_the_zone_counts_down_and_can_be_let_pass(page: Browser) -> None:
    page.click("[aria-label='Another tool removes 127.42.0.99-127.42.0.99']")
    zone = "[aria-labelledby='list-network-zone']"
    page.until(lambda: page.texts(f"{zone} .due"), "no countdown")
    assert "removed, still in force" in page.texts(zone)[0]
    assert "Last written by SOC playbook." in page.texts(zone)[0]
    page.click(f"{zone} .waits button")
    page.until(lambda: not page.texts(f"{zone} .due"), "it does not pass")
    assert "127.42.0.99" not in page.texts(zone)[0]


def test_a_refused_wish_is_said_and_the_control_goes_back(page: Browser) -> None:
    first, last = "[aria-label='State of 127.42.0.10']", "[aria-label='State of 127.42.0.11']"
    choose(page, first, "disabled")
    page.until(lambda: len(page.texts(".egress.disabled text")) == 2, "not disabled")
    choose(page, last, "disabled")
    page.until(lambda: page.texts("#trouble p"), "nobody complains")
    assert "409" in page.texts("#trouble p")[0]
    value = "return document.querySelector(arguments[0]).value"
    page.until(lambda: page.run(value, last) == "active", "the control shows what is not so")
    choose(page, first, "active")
    page.until(lambda: page.texts("#trouble p") == [], "the complaint stays")
    page.complaints()  # the browser itself says that an answer was 409


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_every_text_can_be_read(page: Browser, *, dark: bool) -> None:
    sign_in(page, "stranger", "Okta")
    for size in (DESKTOP, PHONE):
        page.look(size, dark=dark)
        assert page.run("return document.documentElement.scrollWidth") <= size[0]  # a phone zooms out to what is wider
        assert page.run(TOO_WIDE) == []
        assert page.run(CONTRAST) == []


def test_a_screen_reader_finds_its_way(page: Browser) -> None:
    sign_in(page, "laptop", "Entra")
    found = page.accessible()
    assert [(role, name) for role, name in found if role in CONTROLS and not name.strip()] == []
    roles = [role for role, _ in found]
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert roles.count(landmark) == 1, landmark
    levels = page.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert ("img" in roles) or ("image" in roles)
    assert "columnheader" in roles
    assert page.run("return document.documentElement.lang") == "en"
    page.look(PHONE)
    assert "cell" in [role for role, _ in page.accessible()], "the stream is a table on a phone, too"


def test_names_from_outside_are_texts(page: Browser) -> None:
    script = """
      const { el } = await import("/page/dom.js");
      document.body.append(el("p", { id: "strange" }, "<img src=x onerror=alert(1)>"));
      return document.getElementById("strange").children.length;
    """
    assert page.driver.execute_async_script(f"(async () => {{ {script} }})().then(arguments[0])") == 0
