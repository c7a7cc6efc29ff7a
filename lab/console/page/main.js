// The page's one thread: ask for the state, then follow the events.

import { $, say } from "/page/dom.js";
import { state } from "/page/calls.js";
import * as decisions from "/page/decisions.js";
import * as devices from "/page/devices.js";
import * as lists from "/page/lists.js";
import * as scenarios from "/page/scenarios.js";
import * as topology from "/page/topology.js";

let source = null;

function show(world) {
  topology.update(world);
  devices.update(world.devices);
  lists.update(world);
}

function look(login) {
  $("topology").scrollIntoView();
  topology.show(login);
}

async function begin() {
  const found = await state();
  topology.setUp(found.parties);
  show(found.world);
  decisions.setUp(found.world.devices, look);
  decisions.reset(found.logins);
  scenarios.setUp(found.scenarios);
  follow(found.last_event_id);
}

async function catchUp() {
  const found = await state();
  show(found.world);
  decisions.reset(found.logins);
  follow(found.last_event_id);
}

function follow(lastId) {
  source?.close();
  source = new EventSource(`/api/events?after=${encodeURIComponent(lastId)}`);
  source.addEventListener("open", () => connection("live", ""));
  source.addEventListener("error", () => connection("not connected; trying again", "bad"));
  const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("world", show);
  on("busy", ({ words }) => say($("busy"), words && `${words} …`));
  on("login", (login) => {
    devices.ended(login, () => look(login));
    if (decisions.take(login)) topology.show(login);
  });
  on("step", lists.printed);
  on("scenario", scenarios.goesOn);
  on("run", scenarios.ended);
  on("reset", catchUp);
}

function connection(words, kind) {
  say($("connection"), words);
  $("connection").className = `state ${kind}`;
}

devices.setUp();
lists.setUp();
begin().catch((error) => connection(String(error.message || error), "bad"));
