// A card for each device: its switches, and its apps' sign-ins.

import { $, el, say, toggle } from "/page/dom.js";
import { proxy, step } from "/page/calls.js";
import { AT, headline } from "/page/login.js";

const PLATFORMS = { ios: "iOS", android: "Android", windows: "Windows", macos: "macOS" };
const COMPLIANCE = { Compliant: "compliant", NonCompliant: "not compliant" };
const SURFACES = {
  "own-web-view": "shows its login page itself",
  "system-browser": "leaves its login page to the browser",
  broker: "leaves its login page to a broker",
  "sso-extension": "is signed in by an SSO extension",
  "native-mail": "native mail, outside any tunnel",
};
const PROVIDERS = [["okta", "Okta"], ["entra", "Entra"], ["office365", "Office 365"]];

const cards = new Map();
const lasts = new Map();
const latest = new Map();

// A switch that goes back where the lab does not do what it says.
function turn(name, words, wish) {
  return toggle(words, async (checked) => {
    const [verb, content] = wish(checked);
    if ((await step(verb, content)) === null) cards.get(name)(latest.get(name));
  });
}

export function setUp() {
  $("hours").addEventListener("click", () => step("advance", "4h"));
}

export function update(devices) {
  for (const device of devices) {
    latest.set(device.name, device);
    if (!cards.has(device.name)) add(device, devices);
    cards.get(device.name)(device);
  }
}

// What came of a device's newest login, on its card.
export function ended(login, show) {
  const last = lasts.get(login.device);
  if (!last) return;
  const reason = login.refusal?.reason ? ` (${login.refusal.reason})` : "";
  last.className = `last ${login.outcome === "allowed" ? "good-text" : "bad-text"}`;
  last.replaceChildren(`${login.app_name} at ${AT[login.at] ?? login.at}: ${login.outcome}${reason}. `, el("button", { type: "button", class: "small", "aria-label": `Show the way of ${headline(login)}`, onclick: show }, "Show"));
}

function add(device, devices) {
  const title = `device-${device.name}`;
  const controls = device.managed ? managed(device) : thief(device, devices);
  const status = el("p", { class: "badges" });
  const where = turn(device.name, "In the office", (checked) => ["move", { device: device.name, to: checked ? "office" : "home" }]);
  const address = el("span", { class: "address" });
  const last = el("p", { class: "last" });
  lasts.set(device.name, last);
  $("cards").append(
    el(
      "li",
      {},
      el(
        "div",
        { class: "card panel", "aria-labelledby": title, role: "group" },
        el("h3", { id: title }, device.name),
        el("p", { class: "under" }, `${PLATFORMS[device.platform] ?? device.platform}, `, address),
        status,
        el("div", { class: "switches" }, ...controls.elements, where.label, controls.button ?? ""),
        signIn(device),
        last,
      ),
    ),
  );
  cards.set(device.name, (now) => {
    say(address, now.address);
    where.input.checked = now.in_office;
    controls.update(now);
    badges(status, now);
  });
}

function badges(status, device) {
  const found = [];
  if (!device.managed) found.push(["", "not managed"]);
  else found.push([device.compliance === "Compliant" ? "good" : "bad", `UEM: ${COMPLIANCE[device.compliance] ?? device.compliance}`]);
  found.push(device.profile ? ["good", `profile, ${device.profile.mode}`] : ["", "no profile"]);
  if (device.blocked !== null) found.push(["bad", "blocked"]);
  if (status.dataset.found === JSON.stringify(found)) return;
  status.dataset.found = JSON.stringify(found);
  status.replaceChildren(...found.map(([kind, words]) => el("span", { class: `badge ${kind}` }, words)));
}

function managed(device) {
  const { name } = device;
  const compliant = turn(name, "Compliant", (checked) => ["passcode", { device: name, present: checked }]);
  const profile = turn(name, "VPN profile", (checked) => ["profile", { device: name, present: checked }]);
  const blocked = turn(name, "Blocked at the gateway", (checked) =>
    checked ? ["block-at-gateway", { device: name, reason: "blocked in the console" }] : ["allow-at-gateway", name],
  );
  const checkIn = el("button", { type: "button", class: "small", "aria-label": `${name} checks in`, onclick: () => step("check-in", name) }, "Check in");
  for (const each of [compliant, profile, blocked]) each.input.setAttribute("aria-describedby", `device-${name}`);
  return {
    elements: [compliant.label, profile.label, blocked.label],
    button: checkIn,
    update(now) {
      compliant.input.checked = now.passcode;
      profile.input.checked = now.profile !== null;
      blocked.input.checked = now.blocked !== null;
    },
  };
}

// What somebody with an unmanaged laptop can try.
function thief(device, devices) {
  const { name } = device;
  const victims = devices.filter((each) => each.managed).map((each) => el("option", {}, each.name));
  const victim = el("select", {}, ...victims);
  const act = (verb) => () => step(verb, { thief: name, victim: victim.value });
  const steal = el("button", { type: "button", class: "small words", onclick: act("steal-certificate") }, "Copy profile, certificate and key");
  const forge = el("button", { type: "button", class: "small words", onclick: act("forge-certificate") }, "Copy profile, sign a certificate myself");
  const discard = el("button", { type: "button", class: "small", onclick: () => step("discard-profile", name) }, "Throw it away");
  return {
    elements: [el("label", {}, "From ", victim), steal, forge, discard],
    button: null,
    update(now) {
      discard.disabled = now.profile === null;
    },
  };
}

function signIn(device) {
  const hint = el("p", { class: "hint" });
  const app = el("select", { onchange: explain }, ...device.apps.map((each) => el("option", { value: each.key }, each.name)));
  function explain() {
    const chosen = device.apps.find((each) => each.key === app.value);
    say(hint, chosen ? `It ${SURFACES[chosen.surface] ?? chosen.surface}.` : "");
  }
  explain();
  const behind = el("p", { class: "hint" });
  const open = el("button", { type: "button", class: "small", "aria-label": `Open a proxy for programs on ${device.name}`, onclick: async () => {
    const found = await proxy(device.name, app.value);
    if (found) behind.replaceChildren("Programs behind ", el("code", {}, found.proxy), ` are ${found.name}; PAC file `, el("code", {}, found.pac));
  } }, "Proxy as this app");
  const buttons = PROVIDERS.map(([at, words]) =>
    el(
      "button",
      {
        type: "button",
        class: "sign-in",
        "aria-label": `Sign in on ${device.name} at ${words}`,
        onclick: (event) => press(event.currentTarget, { device: device.name, app: app.value, at }),
      },
      words,
    ),
  );
  return el(
    "div",
    { class: "apps" },
    el("label", {}, "App ", app),
    hint,
    el("div", { class: "row", role: "group", "aria-label": `Sign in now on ${device.name}` }, el("span", { class: "now" }, "Sign in now"), ...buttons),
    el("div", { class: "row" }, open),
    behind,
  );
}

async function press(button, wish) {
  button.setAttribute("aria-busy", "true");
  await step("sign-in", wish);
  button.removeAttribute("aria-busy");
}
