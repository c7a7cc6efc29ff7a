// Buttons that play scenarios, and what came of the last one.

import { $, el, say } from "/page/dom.js";
import { play } from "/page/calls.js";
import { headline } from "/page/login.js";

let rows = [];

export function setUp(scenarios) {
  rows = scenarios.map((each) => ({ row: rowOf(each), text: `${each.name} ${each.title} ${each.learn.join(" ")}`.toLowerCase() }));
  $("shows").replaceChildren(...rows.map((each) => each.row));
  $("find").addEventListener("input", find);
}

function rowOf(scenario) {
  return el(
    "li",
    { class: "show" },
    el("button", { type: "button", class: "small", "aria-label": `Play: ${scenario.title}`, onclick: () => play(scenario.name) }, "Play"),
    el("div", {}, el("div", { class: "who" }, scenario.title), el("div", { class: "hint" }, scenario.name)),
  );
}

function find() {
  const text = $("find").value.trim().toLowerCase();
  for (const each of rows) each.row.hidden = !each.text.includes(text);
}

export function goesOn(show) {
  say($("run-title"), show.title);
  $("run").replaceChildren(el("p", {}, show.step ? `Step ${show.step}: ${show.words}` : show.words || "Its world starts."));
}

export function ended(run) {
  say($("run-title"), run.title);
  const verdict = run.failure ? `could not be played: ${run.failure}` : run.as_expected ? "as expected" : "not as expected";
  const parts = [
    el("p", {}, el("span", { class: `badge ${run.as_expected ? "good" : "bad"}` }, verdict), ` ${run.steps.length} steps, ${run.checks.length} checks, ${run.seconds.toFixed(1)} s`),
    el("h4", {}, "What to learn"),
    el("ul", {}, ...run.learn.map((each) => el("li", {}, each))),
  ];
  if (run.unconfirmed.length) parts.push(el("h4", {}, "Not confirmed by a public source"), el("ul", {}, ...run.unconfirmed.map((each) => el("li", {}, each))));
  const unmet = run.checks.filter((each) => !each.met);
  if (unmet.length) parts.push(el("h4", {}, "Not as expected"), el("ul", {}, ...unmet.map((each) => el("li", { class: "bad" }, `${each.observer}: ${each.what}: expected ${each.expected}, was ${each.was}`))));
  parts.push(
    el("p", {}, el("a", { href: `/report/${encodeURIComponent(run.scenario)}`, target: "_blank" }, "Its report, with every login as a diagram")),
    el("h4", {}, "What happened"),
    el("ol", {}, ...run.steps.map((each) => el("li", {}, each.words, ...logins(run, each.number)))),
  );
  $("run").replaceChildren(...parts);
  say($("said"), `${run.title}: ${verdict}`);
}

function logins(run, number) {
  return run.logins
    .filter((each) => each.step === number)
    .map((each) => el("div", { class: each.outcome === "allowed" ? "good-text" : "bad-text" }, `${headline(each)}${each.words ? ` (${each.words})` : ""}`));
}
