// RULES, DEFAULT_ANSWER and RESOLVE stand above. Written for the oldest engines: no let, no startsWith, no regular
// expressions on untrusted text.

function FindProxyForURL(url, host) {
  var there = place(url, host);
  if (isLoopback(there)) return "DIRECT";
  for (var i = 0; i < RULES.length; i++) {
    if (matches(RULES[i], there)) return RULES[i].answer;
  }
  return DEFAULT_ANSWER;
}

// The host as name or as address, and the port.
function place(url, host) {
  var text = host.toLowerCase();
  if (text.charAt(0) === "[") text = text.substring(1, text.length - 1);
  if (text.charAt(text.length - 1) === ".") text = text.substring(0, text.length - 1);
  var address = parseAddress(text);
  return { name: address === "" ? text : "", address: address, port: parsePort(url), resolved: null };
}

function isLoopback(there) {
  if (there.address !== "") {
    return there.address.substring(0, 2) === "7f" && there.address.length === 8 ||
      there.address === "00000000000000000000000000000001";
  }
  return there.name === "localhost" || endsWith(there.name, ".localhost");
}

function matches(rule, there) {
  if (rule.hasOwnProperty("all") && portFits(rule.all, there.port)) return true;
  if (there.name !== "" && nameMatches(rule, there)) return true;
  if (!rule.addresses) return false;
  var address = knownAddress(there);
  for (var i = 0; i < rule.addresses.length; i++) {
    var range = rule.addresses[i];
    if (address.length === range[0].length && address >= range[0] && address <= range[1] &&
        portFits(range[2], there.port)) return true;
  }
  return false;
}

function nameMatches(rule, there) {
  var name = there.name, i;
  if (rule.names) {
    if (listed(rule.names, "=" + name, there.port)) return true;
    for (i = name.indexOf("."); i >= 0; i = name.indexOf(".", i + 1)) {
      if (listed(rule.names, name.substring(i), there.port)) return true;
    }
  }
  if (!rule.parts) return false;
  for (i = 0; i < rule.parts.length; i++) {
    var part = rule.parts[i];
    if (partFits(part[0], part[1], name) && portFits(part[2], there.port)) return true;
  }
  return false;
}

function partFits(how, text, name) {
  if (how === "ends") return endsWith(name, text);
  if (how === "starts") return name.substring(0, text.length) === text;
  return name.indexOf(text) >= 0;
}

function listed(names, key, port) {
  return names.hasOwnProperty(key) && portFits(names[key], port);
}

// ports: 0 for all, or a list of first and last ones.
function portFits(ports, port) {
  if (ports === 0) return true;
  for (var i = 0; i < ports.length; i++) {
    if (port >= ports[i][0] && port <= ports[i][1]) return true;
  }
  return false;
}

function endsWith(text, end) {
  return text.length >= end.length && text.substring(text.length - end.length) === end;
}

// "" where it is not known: no range has this length.
function knownAddress(there) {
  if (there.address !== "" || !RESOLVE) return there.address;
  if (there.resolved === null) {
    var found = dnsResolve(there.name);
    there.resolved = found ? parseAddress(String(found).toLowerCase()) : "";
  }
  return there.resolved;
}

function parsePort(url) {
  var start = url.indexOf("://");
  var scheme = url.substring(0, start).toLowerCase();
  var port = scheme === "http" || scheme === "ws" ? 80 : scheme === "ftp" ? 21 : 443;
  if (start < 0) return port;
  var end = start + 3;
  while (end < url.length && "/?#\\".indexOf(url.charAt(end)) < 0) end++;
  var authority = url.substring(start + 3, end);
  authority = authority.substring(authority.lastIndexOf("@") + 1);
  var colon = authority.lastIndexOf(":");
  if (colon < 0 || colon < authority.lastIndexOf("]") || colon === authority.length - 1) return port;
  return Number(authority.substring(colon + 1));
}

// An address as 8 or 32 hexadecimal digits, which compare like numbers; "" for anything else.
function parseAddress(text) {
  if (text.indexOf(":") < 0) return parseFour(text);
  var halves = text.split("::");
  if (halves.length > 2) return "";
  var head = parseGroups(halves[0]), tail = halves.length === 2 ? parseGroups(halves[1]) : "";
  if (head === null || tail === null) return "";
  var missing = 32 - head.length - tail.length;
  if (halves.length === 2 ? missing < 4 : missing !== 0) return "";
  while (missing-- > 0) head += "0";
  var digits = head + tail;
  var mapped = "00000000000000000000ffff";  // ::ffff:192.0.2.1 reaches the IPv4 host
  return digits.substring(0, 24) === mapped ? digits.substring(24) : digits;
}

function parseGroups(text) {
  if (text === "") return "";
  var groups = text.split(":"), digits = "";
  for (var i = 0; i < groups.length; i++) {
    var group = groups[i];
    if (i === groups.length - 1 && group.indexOf(".") >= 0) {
      var four = parseFour(group);
      if (four === "") return null;
      digits += four;
    } else {
      if (group.length < 1 || group.length > 4 || !consistsOf(group, "0123456789abcdef")) return null;
      digits += "0000".substring(group.length) + group;
    }
  }
  return digits;
}

function parseFour(text) {
  var parts = text.split("."), digits = "";
  if (parts.length !== 4) return "";
  for (var i = 0; i < 4; i++) {
    var part = parts[i];
    if (part.length < 1 || part.length > 3 || !consistsOf(part, "0123456789") || Number(part) > 255) return "";
    if (part.length > 1 && part.charAt(0) === "0") return "";
    var hex = Number(part).toString(16);
    digits += hex.length < 2 ? "0" + hex : hex;
  }
  return digits;
}

function consistsOf(text, chars) {
  for (var i = 0; i < text.length; i++) {
    if (chars.indexOf(text.charAt(i)) < 0) return false;
  }
  return true;
}
