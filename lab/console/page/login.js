// What one login was, read out of its record: its ways, who said what, and all of it in words.

const ENTRA_HOSTS = ["login.microsoftonline.com", "graph.microsoft.com", "login.windows.net"];
const OKTA_HOSTS = ["acme.okta.com", "login.acme.example"];

export const PROVIDERS = { okta: "Okta", entra: "Entra" };

export const AT = {
  okta: "Okta",
  entra: "Entra",
  office365: "Office 365",
  "okta-custom-domain": "Okta's custom domain",
  "sample-api": "the sample API",
};

export function providerOf(host) {
  if (OKTA_HOSTS.includes(host)) return "okta";
  return ENTRA_HOSTS.includes(host) ? "entra" : "";
}

// One way for each manner in which connections went: where it led, and what stopped it, if anything did.
export function waysOf(login) {
  const ways = new Map();
  for (const each of login.connections) {
    const way = {
      path: each.path,
      host: each.host,
      provider: providerOf(each.host),
      source: each.source ?? "",
      why: each.why,
      stopped: stopOf(each),
      refusal: each.refusal,
      decision: login.decisions.find((one) => one.decision_id === each.decision_id) ?? null,
    };
    const key = JSON.stringify([way.path, way.host, way.stopped, way.source !== ""]);
    if (!ways.has(key)) ways.set(key, way);
  }
  return [...ways.values()];
}

// Why a connection came to nothing, in one or a few words; empty where it got through.
function stopOf(connection) {
  if (connection.path === "blocked") return "blocked on the device";
  if (connection.refusal) return connection.refusal.reason || `status ${connection.refusal.status}`;
  return connection.failure;
}

// What a provider finally decided, as its own log has it; null where it has nothing.
export function verdictOf(login, provider) {
  const entries = login.entries.filter((entry) => entry.provider === provider);
  const judged = entries.filter((entry) => provider === "entra" || entry.event === "policy.evaluate_sign_on");
  return judged.at(-1) ?? entries.at(-1) ?? null;
}

export function verdictWords(login, provider) {
  const entry = verdictOf(login, provider);
  if (entry === null) return "";
  const zone = entry.zone ? ` in zone ${entry.zone}` : "";
  const by = entry.by ? ` by ${entry.by}` : "";
  const code = entry.code ? ` (AADSTS${entry.code})` : "";
  return `${PROVIDERS[provider]} saw ${entry.address}${zone}: ${entry.result}${by}${code}`;
}

export function gatewayWords(way) {
  if (way.path !== "tunnel") return "";
  if (way.refusal) return `refused ${way.host}: ${way.refusal.reason || way.refusal.status}`;
  if (way.stopped) return `${way.host}: ${way.stopped}`;
  const rule = way.decision?.rule ? ` by rule ${way.decision.rule}` : "";
  return `admitted ${way.host}${rule}, left from ${way.source}`;
}

export function wayWords(way) {
  const from = way.path === "direct" && way.source ? ` from ${way.source}` : "";
  return `${way.host}${from}: ${way.why}`;
}

export const headline = (login) =>
  `${login.app_name} on ${login.device} at ${AT[login.at] ?? login.at}: ${login.outcome}`;

// The login, sentence by sentence.
export function storyOf(login) {
  const story = [];
  for (const way of waysOf(login)) {
    story.push({ words: wayWords(way), good: way.path !== "blocked" });
    if (way.path === "tunnel") story.push({ words: `The gateway ${gatewayWords(way)}`, good: !way.stopped });
    if (way.refusal?.detail) story.push({ words: `In its words: ${way.refusal.detail}`, good: false });
    if (way.refusal?.what_to_do) story.push({ words: `What to do: ${way.refusal.what_to_do}`, good: false });
    if (way.path === "direct" && way.stopped) story.push({ words: way.stopped, good: false });
  }
  for (const provider of Object.keys(PROVIDERS)) {
    const words = verdictWords(login, provider);
    const good = !["DENY", "FAILURE", "failure"].includes(verdictOf(login, provider)?.result);
    if (words) story.push({ words, good });
  }
  const why = login.words && login.words !== login.refusal?.detail ? ` (${login.words})` : "";
  story.push({ words: `${headline(login)}${why}`, good: login.outcome === "allowed", last: true });
  return story;
}
