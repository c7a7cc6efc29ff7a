// The lists that admit the egress addresses: what stands there, what counts, what is on its way, who wrote it.

import { $, el, say } from "/page/dom.js";
import { step } from "/page/calls.js";

const STATES = ["active", "draining", "disabled"];

let ahead = 0; // milliseconds that the services' clock is ahead of this browser's
const panels = new Map();
const selects = new Map();

export function setUp() {
  for (const verb of ["plan", "apply"]) $(verb).addEventListener("click", () => step("okta-zones", verb));
  setInterval(count, 1000);
}

export function update(world) {
  ahead = Date.parse(world.now) - Date.now();
  for (const list of world.lists) {
    if (!panels.has(list.kind)) panels.set(list.kind, panel(list));
    panels.get(list.kind)(list);
  }
  for (const each of world.egress) {
    if (!selects.has(each.address)) selects.set(each.address, addressRow(each));
    selects.get(each.address).value = each.state;
  }
  count();
}

// What a program of a step printed.
export function printed(done) {
  if (!done.words.startsWith("okta-zones")) return;
  $("printed").hidden = false;
  say($("printed"), [`$ ${done.words}`, ...done.said].join("\n"));
}

function addressRow(each) {
  const select = el(
    "select",
    { "aria-label": `State of ${each.address}`, onchange: () => change(each.address, select) },
    ...STATES.map((state) => el("option", {}, state)),
  );
  $("addresses").append(el("li", { class: "row" }, el("code", {}, each.address), select));
  return select;
}

// Where it is refused, the next look at the world puts the old state back.
const change = (address, select) => step("switch-egress", { address, to: select.value });

function panel(first) {
  const title = `list-${first.kind.replace(" ", "-")}`;
  const entries = el("ul", { class: "entries" });
  const written = el("p", { class: "hint" });
  const due = el("p", { class: "due" });
  const pass = el("button", { type: "button", onclick: () => step("advance", `${left(due)}s`) }, "Let it pass");
  const waits = el("div", { class: "row waits" }, due, pass);
  const more = first.kind === "network zone" ? [el("p", { class: "hint" }, "Remove: another tool, with an API token of its own, writes the zone without the entry.")] : [];
  document.querySelector(".lists").append(
    el("div", { class: "panel", role: "group", "aria-labelledby": title }, el("h3", { id: title }, `${first.kind === "network zone" ? "Okta" : "Entra"}: ${first.kind} ${first.name}`), entries, waits, written, ...more),
  );
  return (list) => {
    const found = JSON.stringify([list.in_force, list.entries]);
    if (entries.dataset.found !== found) {
      entries.dataset.found = found;
      const all = [...new Set([...list.in_force, ...list.entries])];
      entries.replaceChildren(...all.map((entry) => entryRow(entry, list)));
      if (!all.length) entries.replaceChildren(el("li", {}, "no address"));
    }
    due.dataset.due = list.due ?? "";
    waits.hidden = !list.due;
    say(written, list.written_by ? `Last written by ${list.written_by}.` : list.kind === "network zone" ? "As it was set up." : "Graph does not say who wrote it.");
  };
}

function entryRow(entry, list) {
  const stands = list.entries.includes(entry);
  const counts = list.in_force.includes(entry);
  const [kind, words] = stands ? (counts ? ["good", "in force"] : ["waits", "not yet in force"]) : ["waits", "removed, still in force"];
  const remove = () => step("another-writer", { remove: [entry] });
  const button = list.kind === "network zone" && stands ? [el("button", { type: "button", class: "small", "aria-label": `Another tool removes ${entry}`, onclick: remove }, "Remove")] : [];
  return el("li", { class: "row" }, el("code", {}, entry), el("span", { class: `badge ${kind}` }, words), ...button);
}

function left(due) {
  return Math.max(1, Math.ceil((Date.parse(due.dataset.due) - Date.now() - ahead) / 1000));
}

function count() {
  for (const due of document.querySelectorAll(".due")) {
    if (due.dataset.due) say(due, `Counts for sign-ins in ${left(due)} s.`);
  }
}
