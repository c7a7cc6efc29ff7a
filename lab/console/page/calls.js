// The calls to the lab, and what is said where one is refused.

import { $, el } from "/page/dom.js";

export async function state() {
  const answer = await fetch("/api/state");
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// Does one step, written as in a scenario. Gives null where it was refused; the page has said why then.
export async function step(verb, content) {
  return post("/api/steps", { [verb]: content });
}

export async function play(name) {
  return post(`/api/scenarios/${encodeURIComponent(name)}`, {});
}

// Opens a local proxy that makes programs this app; where it is, or null.
export async function proxy(device, app) {
  return post("/api/proxies", { device, app });
}

async function post(path, body) {
  quiet();
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return await answer.json();
    const text = await answer.text();
    complain(words(text) || `the lab answered ${answer.status}`);
  } catch {
    complain("the lab cannot be reached; does it still run?");
  }
  return null;
}

function words(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return text;
  }
}

function complain(text) {
  $("trouble").replaceChildren(
    el("p", {}, text),
    el("button", { type: "button", onclick: quiet }, "Dismiss"),
  );
}

function quiet() {
  $("trouble").replaceChildren();
}
