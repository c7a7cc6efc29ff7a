// The stream of decisions: one row for each login, newest first, with filters and a pause.

import { $, el, say } from "/page/dom.js";
import { AT, gatewayWords, headline, verdictWords, wayWords, waysOf } from "/page/login.js";

const KEPT = 300; // rows

let onShow = () => {};
const logins = [];
const waiting = [];

export function setUp(devices, show) {
  onShow = show;
  if ($("by-device").options.length === 1) $("by-device").append(...devices.map((each) => el("option", {}, each.name)));
  for (const id of ["by-device", "by-outcome", "by-text"]) $(id).addEventListener("input", filter);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("pause").addEventListener("change", resume);
}

export function reset(found) {
  logins.length = 0;
  waiting.length = 0;
  $("rows").replaceChildren();
  for (const login of found) add(login);
  filter();
}

// A new login; whether it is shown now.
export function take(login) {
  if ($("pause").checked) {
    waiting.push(login);
    filter();
    return false;
  }
  add(login);
  filter();
  say($("said"), headline(login));
  return true;
}

function resume() {
  if (!$("pause").checked) for (const login of waiting.splice(0)) add(login);
  filter();
}

function add(login) {
  const row = rowOf(login);
  logins.unshift({ login, row, text: row.textContent.toLowerCase() });
  $("rows").prepend(row);
  for (const old of logins.splice(KEPT)) old.row.remove();
}

const cell = (label, ...children) => el("td", { role: "cell", "data-label": label }, ...children);
const lines = (texts) => texts.filter(Boolean).map((text) => el("div", {}, text));

function rowOf(login) {
  const ways = waysOf(login);
  const time = new Date(login.time);
  const refused = ways.filter((way) => way.refusal?.what_to_do).map((way) => el("div", { class: "hint" }, way.refusal.what_to_do));
  const gateway = ways.map(gatewayWords);
  return el(
    "tr",
    { role: "row", "data-outcome": login.outcome },
    cell("Time", el("time", { datetime: login.time }, time.toLocaleTimeString([], { hour12: false }))),
    cell("Device and app", el("div", { class: "who" }, login.device), el("div", {}, `${login.app_name} → ${AT[login.at] ?? login.at}`)),
    cell("Way", ...lines(ways.map(wayWords))),
    cell("Gateway", ...(gateway.some(Boolean) ? lines(gateway) : ["not asked"]), ...refused),
    cell("Identity provider", ...(login.entries.length ? lines(["okta", "entra"].map((each) => verdictWords(login, each))) : ["heard nothing"])),
    cell(
      "Outcome",
      el("span", { class: `badge ${login.outcome === "allowed" ? "good" : "bad"}` }, login.outcome),
      el("button", { type: "button", class: "small", "aria-label": `Show the way of: ${headline(login)}`, onclick: () => onShow(login) }, "Show"),
    ),
  );
}

function filter() {
  const device = $("by-device").value;
  const outcome = $("by-outcome").value;
  const text = $("by-text").value.trim().toLowerCase();
  let shown = 0;
  for (const each of logins) {
    const fits =
      (!device || each.login.device === device) &&
      (!outcome || each.login.outcome === outcome) &&
      (!text || each.text.includes(text));
    each.row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  const held = waiting.length ? `, ${waiting.length} held back` : "";
  say($("count"), `${shown} of ${logins.length}${held}`);
  $("none").hidden = shown > 0;
  say($("none"), logins.length ? "No login fits these filters." : "No login yet.");
}
