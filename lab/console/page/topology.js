// The world as a drawing, and a login as a dot that takes its way through it.

import { $, el, say, svg } from "/page/dom.js";
import { headline, storyOf, verdictOf, waysOf } from "/page/login.js";

const NARROW = matchMedia("(max-width: 700px)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const SPEED = 0.55; // units of the drawing a millisecond
const PAUSE = 250; // milliseconds between two ways of one login

const WIDE_PLAN = {
  size: [1000, 430],
  device: (number) => [16, 16 + number * 82, 176, 66],
  uem: [392, 14, 180, 52],
  gateway: [392, 150, 180, 84],
  egress: (number) => [604, 134 + number * 42, 124, 32],
  okta: [800, 52, 184, 116],
  entra: [800, 232, 184, 116],
  lane: [[250, 404], [760, 404]],
  laneText: [505, 394],
  reason: [482, 262],
};

const NARROW_PLAN = {
  size: [360, 464],
  device: (number) => [4 + number * 71, 4, 67, 60],
  uem: [4, 116, 84, 52],
  gateway: [108, 112, 190, 60],
  egress: (number) => [22 + number * 96, 218, 90, 28],
  okta: [4, 318, 160, 122],
  entra: [172, 318, 160, 122],
  lane: [[346, 96], [346, 282]],
  laneText: [342, 272],
  reason: [203, 194],
};

let world = null;
let parties = [];
let shown = null; // the login that is drawn
let turn = 0; // grows with each login: an older one's dot then stops

const plan = () => (NARROW.matches ? NARROW_PLAN : WIDE_PLAN);
const partyOf = (kind) => parties.find((party) => party.kind === kind);
const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];

export function setUp(everybody) {
  parties = everybody;
  NARROW.addEventListener("change", draw);
}

export function update(now) {
  world = now;
  draw();
}

function box(kind, [x, y, width, height], title, lines, extra = "") {
  const size = NARROW.matches ? 11 : 14;
  const first = y + size + 7;
  const centre = x + width / 2;
  return svg(
    "g",
    { class: `box ${kind} ${extra}` },
    svg("rect", { x, y, width, height, rx: 9 }),
    svg("text", { x: centre, y: first, class: "name", "text-anchor": "middle" }, title),
    ...lines.map((line, number) =>
      svg("text", { x: centre, y: first + (number + 1) * (size + 4), "text-anchor": "middle" }, line),
    ),
  );
}

const line = (from, to, kind) => svg("path", { d: `M${from.join(" ")} L${to.join(" ")}`, class: kind });

function deviceLines(device) {
  if (NARROW.matches) return [device.managed ? standing(device) : "unmanaged", device.profile ? "profile" : "no profile"];
  return [device.managed ? standing(device) : "not managed", device.profile ? "VPN profile" : "no VPN profile"];
}

function standing(device) {
  if (device.blocked !== null) return "blocked";
  if (device.compliance === "Compliant") return "compliant";
  return device.compliance === "NonCompliant" && !NARROW.matches ? "not compliant" : device.compliance === "NonCompliant" ? "not compl." : device.compliance;
}

function draw() {
  if (world === null) return;
  const at = plan();
  const [width, height] = at.size;
  const devices = world.devices;
  const parts = [];
  devices.forEach((device, number) => {
    if (!device.profile) return;
    const [x, y, w, h] = at.device(number);
    const from = NARROW.matches ? [x + w / 2, y + h] : [x + w, y + h / 2];
    parts.push(line(from, gatewayDoor(at), "link"));
  });
  parts.push(line(...uemLink(at), "link dashed"));
  world.egress.forEach((each, number) => {
    const to = at.egress(number);
    parts.push(line(gatewayExit(at), egressDoor(to), each.state === "active" ? "link" : "link off"));
  });
  parts.push(svg("path", { d: path(at.lane), class: "lane" }));
  parts.push(laneLabel(at), svg("g", { id: "trace" }));
  devices.forEach((device, number) => {
    const bad = device.managed && standing(device) !== "compliant";
    parts.push(box("device", at.device(number), device.name, deviceLines(device), bad ? "bad" : device.managed ? "good" : ""));
  });
  parts.push(box("uem", at.uem, "UEM", [NARROW.matches ? "inventory" : "compliance, profiles"]));
  parts.push(box("gateway", at.gateway, "tunnel-gateway", [partyOf("gateway")?.addresses[0] ?? "", NARROW.matches ? "" : "admits, or says why not"]));
  world.egress.forEach((each, number) => parts.push(egress(at.egress(number), each)));
  for (const [kind, list] of [["okta", world.lists[0]], ["entra", world.lists[1]]]) {
    const entries = list.in_force.slice(0, 3).map((entry) => entry.replace(/^([\d.]+)-\1$/, "$1"));
    const more = list.in_force.length > 3 ? [`and ${list.in_force.length - 3} more`] : [];
    const waits = list.due ? "change on its way" : "";
    parts.push(box(kind, at[kind], kind === "okta" ? "Okta" : "Entra", [list.name, ...entries, ...more, waits].filter(Boolean), list.due ? "waits" : ""));
  }
  parts.push(svg("g", { id: "marks" }));
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe() }, ...parts);
  $("drawing").replaceChildren(drawing);
  if (shown) for (const way of waysOf(shown)) finish(way, shown);
}

function describe() {
  const devices = world.devices.map((each) => `${each.name}: ${each.managed ? standing(each) : "not managed"}, ${each.profile ? "VPN profile" : "no VPN profile"}`);
  return `Topology. ${devices.join("; ")}. The way through the gateway leads to Okta and Entra by its egress addresses; the direct way goes past it.`;
}

function egress([x, y, width, height], each) {
  return svg(
    "g",
    { class: `egress ${each.state}` },
    svg("rect", { x, y, width, height, rx: height / 2 }),
    svg("text", { x: x + width / 2, y: y + height / 2 + 4, "text-anchor": "middle" }, each.address),
  );
}

function laneLabel(at) {
  const [x, y] = at.laneText;
  const attributes = { x, y, class: "lane-text", "text-anchor": NARROW.matches ? "end" : "middle" };
  return svg("text", attributes, NARROW.matches ? "direct" : "direct, past the gateway");
}

// --- where lines begin and end ----------------------------------------------------------------------

const gatewayDoor = ({ gateway: [x, y, w, h] }) => (NARROW.matches ? [x + w / 2, y] : [x, y + h / 2]);
const gatewayExit = ({ gateway: [x, y, w, h] }) => (NARROW.matches ? [x + w / 2, y + h] : [x + w, y + h / 2]);
const egressDoor = ([x, y, w, h]) => (NARROW.matches ? [x + w / 2, y] : [x, y + h / 2]);
const egressExit = ([x, y, w, h]) => (NARROW.matches ? [x + w / 2, y + h] : [x + w, y + h / 2]);
const providerDoor = ([x, y, w, h]) => (NARROW.matches ? [x + w / 2, y] : [x, y + h / 2]);

function uemLink({ uem: [x, y, w, h], gateway }) {
  return NARROW.matches
    ? [[x + w, y + h / 2], [gateway[0], y + h / 2]]
    : [[x + w / 2, y + h], [gateway[0] + gateway[2] / 2, gateway[1]]];
}

const path = (points) => points.map(([x, y], number) => `${number ? "L" : "M"}${x} ${y}`).join(" ");

// The points of a way, up to where it ended.
function pointsOf(way, login) {
  const at = plan();
  const number = world.devices.findIndex((device) => device.name === login.device);
  const [x, y, w, h] = at.device(Math.max(number, 0));
  const start = NARROW.matches ? [x + w / 2, y + h] : [x + w, y + h / 2];
  if (way.path === "blocked") return [middle([x, y, w, h]), start];
  if (way.path === "tunnel") {
    const points = [start, gatewayDoor(at)];
    if (way.stopped) return points;
    const index = world.egress.findIndex((each) => each.address === way.source);
    points.push(gatewayExit(at));
    if (index >= 0) points.push(egressDoor(at.egress(index)), egressExit(at.egress(index)));
    if (way.provider) points.push(providerDoor(at[way.provider]));
    return points;
  }
  const points = [start, ...at.lane];
  if (way.provider && !way.stopped) points.push(providerDoor(at[way.provider]));
  return points;
}

function isGood(way, login) {
  if (way.stopped) return false;
  const result = verdictOf(login, way.provider)?.result;
  return !["DENY", "FAILURE", "failure"].includes(result);
}

// --- a login ----------------------------------------------------------------------------------------

// Tells a login: the dot takes each of its ways, one after the other, and stays where it was stopped.
export async function show(login) {
  shown = login;
  const mine = ++turn;
  tell(login);
  $("trace")?.replaceChildren();
  $("marks")?.replaceChildren();
  for (const way of waysOf(login)) {
    if (!STILL.matches) await move(way, login, mine);
    if (mine !== turn) return;
    finish(way, login);
  }
}

function tell(login) {
  say($("story-title"), headline(login));
  $("story").replaceChildren(
    ...storyOf(login).map((each) => el("li", { class: each.last ? `last ${kindOf(login)}` : each.good ? "" : "bad" }, each.words)),
  );
}

const kindOf = (login) => (login.outcome === "allowed" ? "good" : "bad");

function finish(way, login) {
  const marks = $("marks");
  if (!marks) return;
  const points = pointsOf(way, login);
  const good = isGood(way, login);
  const [x, y] = points.at(-1);
  $("trace").append(svg("path", { d: path(points), class: `way ${good ? "good" : "bad"}` }));
  marks.append(
    svg("circle", { cx: x, cy: y, r: 9, class: `stop ${good ? "good" : "bad"}` }),
    svg("text", { x, y: y + 4.5, class: "mark", "text-anchor": "middle" }, good ? "✓" : "✕"),
  );
  const reason = (at, below, words) => marks.append(svg("text", { x: at, y: below, class: "reason", "text-anchor": "middle" }, words));
  if (way.stopped && way.path === "tunnel") reason(...plan().reason, `refused: ${way.stopped}`);
  if (!way.stopped && !good) {
    const [left, top, width, height] = plan()[way.provider];
    const entry = verdictOf(login, way.provider);
    reason(left + width / 2, top + height + 16, entry.code ? `AADSTS${entry.code}` : [entry.result, entry.by].filter(Boolean).join(": "));
  }
}

function move(way, login, mine) {
  const marks = $("marks");
  if (!marks) return Promise.resolve();
  const rail = svg("path", { d: path(pointsOf(way, login)), class: "rail" });
  const dot = svg("circle", { r: 8, class: `dot ${way.path}` });
  marks.append(rail, dot);
  const length = rail.getTotalLength();
  const begin = performance.now();
  return new Promise((done) => {
    const frame = (now) => {
      const gone = Math.min((now - begin) * SPEED, length);
      const point = rail.getPointAtLength(gone);
      dot.setAttribute("cx", point.x);
      dot.setAttribute("cy", point.y);
      if (mine === turn && gone < length && dot.isConnected) {
        requestAnimationFrame(frame);
        return;
      }
      rail.remove();
      dot.remove();
      setTimeout(done, PAUSE);
    };
    requestAnimationFrame(frame);
  });
}
