// The reference page of the API, made of openapi.json. Text comes in as text nodes only, so that no
// description can become markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const list = document.getElementById("list");
const main = document.getElementById("main");
const search = document.getElementById("search");
let api = null;
let operations = [];
let schemas = [];

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function resolve(node) {
  while (node && node.$ref) {
    node = node.$ref.slice(2).split("/").reduce((at, part) => at && at[part.replace(/~1/g, "/").replace(/~0/g, "~")], api);
  }
  return node || {};
}

const refName = (node) => (node && node.$ref ? node.$ref.split("/").pop() : "");
// The schema that a node names, also where siblings made it allOf with one part.
const nameOf = (node) => refName(node) || (node && node.allOf && node.allOf.length === 1 && !node.properties ? refName(node.allOf[0]) : "");

function read(document_) {
  api = document_;
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map(resolve);
      operations.push({ path, method: method.toUpperCase(), id: operation.operationId, operation, parameters,
        tag: (operation.tags || ["other"])[0],
        text: [method, path, operation.operationId, operation.summary, operation.description, ...parameters.map((p) => p.name)].join(" ").toLowerCase() });
    }
  }
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const fields = [...fieldsOf(schema).keys()];
    schemas.push({ name, schema, fields, text: [name, schema.description, ...fields, ...(schema.enum || [])].join(" ").toLowerCase() });
  }
  schemas.sort((a, b) => a.name.localeCompare(b.name));
}

// Every field of an object, those of allOf first: name -> {node, required, from}.
function fieldsOf(schema, from = "", seen = new Set()) {
  const fields = new Map();
  if (seen.has(schema)) return fields;
  seen.add(schema);
  for (const part of schema.allOf || []) {
    for (const [name, field] of fieldsOf(resolve(part), refName(part), seen)) fields.set(name, field);
  }
  for (const [name, node] of Object.entries(schema.properties || {})) fields.set(name, { node, required: false, from });
  for (const name of schema.required || []) {
    if (fields.has(name)) fields.set(name, { ...fields.get(name), required: true });
  }
  return fields;
}

// ---- The list at the side ----

function showList() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hit = (entry) => words.every((word) => entry.text.includes(word));
  const parts = [];
  const order = (api.tags || []).map((tag) => tag.name);
  const tags = [...new Set([...order, ...operations.map((o) => o.tag)])];
  for (const tag of tags) {
    const found = operations.filter((o) => o.tag === tag && hit(o));
    if (!found.length) continue;
    parts.push(element("h2", {}, tag), ...found.map((o) =>
      element("a", { href: `#/operation/${o.id}`, title: o.operation.summary },
        element("span", { class: `method ${o.method}` }, o.method), element("span", { class: "path" }, o.path))));
  }
  const found = schemas.filter(hit);
  // A name that fits goes before a field that does.
  if (words.length) found.sort((a, b) => Number(!words.every((w) => a.name.toLowerCase().includes(w))) - Number(!words.every((w) => b.name.toLowerCase().includes(w))));
  if (found.length) {
    parts.push(element("h2", {}, "Schemas"), ...found.map((s) =>
      element("a", { href: `#/schema/${s.name}` }, element("span", { class: "schema" }, s.name))));
  }
  list.replaceChildren(...(parts.length ? parts : [element("p", { class: "none" }, "Nothing has these words.")]));
  markCurrent(false);
}

function markCurrent(scroll) {
  for (const link of list.querySelectorAll("a")) {
    const current = link.getAttribute("href") === location.hash.split("?")[0];
    if (current) {
      link.setAttribute("aria-current", "page");
      if (scroll) link.scrollIntoView({ block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

// ---- What a type looks like ----

const schemaLink = (name) => element("a", { href: `#/schema/${name}` }, name);

function typeOf(node) {
  const name = nameOf(node);
  if (name) return [schemaLink(name)];
  if (node.type === "array") return ["array of ", typeOf(node.items || {})];
  if (node.enum) return ["string"];
  if (node.anyOf) return node.anyOf.flatMap((one, i) => (i ? [" | ", typeOf(one)] : [typeOf(one)]));
  return [(node.type || "any") + (node.format ? ` (${node.format})` : "")];
}

function limitsOf(node) {
  const limits = [];
  const say = (low, high, what) => {
    if (low !== undefined && high !== undefined) limits.push(`${low} to ${high}${what}`);
    else if (high !== undefined) limits.push(`at most ${high}${what}`);
    else if (low !== undefined) limits.push(`at least ${low}${what}`);
  };
  say(node.minimum, node.maximum, "");
  say(node.minLength, node.maxLength, " characters");
  say(undefined, node.maxItems, " items");
  if (node.nullable) limits.push("may be null");
  if (node.readOnly) limits.push("set by the server");
  return limits.join(", ");
}

function explain(node) {
  const shown = resolve(node);
  const words = node.enum || (node.items && node.items.enum) || shown.enum;
  const limits = limitsOf(node);
  const description = node.description || (nameOf(node) ? "" : shown.description);
  return [description ? element("div", {}, description) : null,
    words ? element("div", { class: "words" }, words.flatMap((word, i) => (i ? [", ", element("code", {}, word)] : [element("code", {}, word)]))) : null,
    limits ? element("div", { class: "note" }, limits) : null];
}

function table(titles, rows) {
  return element("table", {}, element("thead", {}, element("tr", {}, titles.map((t) => element("th", { scope: "col" }, t)))), element("tbody", {}, rows));
}

function fieldTable(schemaName, schema, hit) {
  const hot = new Set(Object.values(schema["x-hot"] || {}));
  const rows = [...fieldsOf(schema)].sort((a, b) => a[0].localeCompare(b[0])).map(([name, field]) =>
    element("tr", { class: name === hit ? "hit" : undefined },
      element("td", { class: "name" }, element("a", { href: `#/schema/${schemaName}?field=${encodeURIComponent(name)}` }, name), field.required ? element("span", { class: "required", title: "required" }, " *") : null),
      element("td", { class: "type" }, typeOf(field.node)),
      element("td", {}, explain(field.node), hot.has(name) ? element("div", { class: "note" }, "indexed column") : null)));
  return table(["Field", "Type", "Meaning"], rows);
}

// ---- The pages ----

const mediaTypes = (content) => Object.entries(content || {}).map(([type, media], i) => [i ? ", " : "", media.schema ? [typeOf(media.schema), " "] : "", element("span", { class: "note" }, type)]);

function exampleOf(entry) {
  const path = entry.path.replace(/{(\w+)}/g, (_, name) => name.toUpperCase());
  const parts = ["curl"];
  if (entry.method !== "GET") parts.push(`-X ${entry.method}`);
  if (entry.operation.requestBody) parts.push("-H 'Content-Type: application/json' --data @body.json");
  if (entry.operation["x-handler"] === "events") parts.push("-N");
  parts.push(`'${new URL(path.slice(1), document.baseURI).href}${entry.parameters.some((p) => p.name === "$top") ? "?$top=5" : ""}'`);
  const collection = collectionOf(entry);
  const lines = [parts.join(" ")];
  const item = / ?{/.test(entry.path);
  const verbs = { GET: "get", POST: "create", PUT: "update", PATCH: "update", DELETE: "delete" };
  if (collection) {
    let line = `vmsecurity ${verbs[entry.method]} ${item ? collection.singular : collection.name}`;
    if (item) line += " ID";
    if (entry.operation.requestBody) line += " -f body.json";
    if (entry.method === "PUT") line += " --replace";
    if (entry.method === "GET" && !item) line += " --top 5";
    lines.push(line);
  }
  return element("pre", {}, lines.join("\n"));
}

function collectionOf(entry) {
  const [, name, id, rest] = entry.path.split("/");
  if (rest || (id && !id.startsWith("{"))) return null;
  const found = schemas.find((s) => s.schema["x-collection"] && s.schema["x-collection"].name === name);
  return found ? found.schema["x-collection"] : null;
}

function operationPage(entry) {
  const o = entry.operation;
  const parts = [
    element("h1", {}, element("span", { class: `method ${entry.method}` }, entry.method), element("span", { class: "path" }, entry.path)),
    element("p", {}, o.summary || ""), o.description ? element("p", {}, o.description) : null,
    element("div", { class: "facts" },
      element("span", {}, "Role ", element("b", {}, o["x-role"] || "")),
      o["x-scanner"] ? element("span", {}, "a scanner's token may, with its asset scan") : null,
      element("span", {}, "Operation ", element("code", {}, entry.id))),
  ];
  if (entry.parameters.length) {
    parts.push(element("h3", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"], entry.parameters.map((p) =>
      element("tr", {},
        element("td", { class: "name" }, p.name, p.required ? element("span", { class: "required", title: "required" }, " *") : null),
        element("td", {}, p.in), element("td", { class: "type" }, typeOf(p.schema || {})),
        element("td", {}, p.description ? element("div", {}, p.description) : null, explain(p.schema || {}))))));
  }
  if (o.requestBody) {
    const body = resolve(o.requestBody);
    parts.push(element("h3", {}, "Body"), element("p", {}, mediaTypes(body.content)));
  }
  parts.push(element("h3", {}, "Answers"), table(["Status", "Content", "Meaning"], Object.entries(o.responses || {}).map(([status, answer]) => {
    const shown = resolve(answer);
    return element("tr", {}, element("td", { class: "name" }, status), element("td", { class: "type" }, mediaTypes(shown.content)), element("td", {}, shown.description || ""));
  })));
  parts.push(element("h3", {}, "Example"), exampleOf(entry));
  return parts;
}

function usedBy(name) {
  const wanted = `"#/components/schemas/${name}"`;
  return {
    operations: operations.filter((o) => JSON.stringify(o.operation).includes(wanted)),
    schemas: schemas.filter((s) => s.name !== name && JSON.stringify(s.schema).includes(wanted)),
  };
}

function schemaPage(entry, field) {
  const s = entry.schema;
  const parts = [element("h1", {}, entry.name), s.description ? element("p", {}, s.description) : null];
  const collection = s["x-collection"];
  if (collection) {
    parts.push(element("p", { class: "muted" }, "The objects of ", element("code", {}, "/" + collection.name),
      collection["read-only"] ? "; the server alone writes them." : "."));
  }
  if (s["x-relation"]) parts.push(element("p", { class: "muted" }, "An id of ", element("code", {}, "/" + s["x-relation"]), "; the other fields are there when it is expanded."));
  if (s.anyOf) {
    const key = s.discriminator && s.discriminator.propertyName;
    parts.push(element("h3", {}, "One of"), table([key || "Schema", "Schema"], s.anyOf.map((one) => {
      const name = refName(one);
      const mapping = (s.discriminator && s.discriminator.mapping) || {};
      const value = Object.keys(mapping).find((v) => mapping[v] === one.$ref || mapping[v] === name) || name;
      return element("tr", {}, element("td", { class: "name" }, value), element("td", {}, schemaLink(name)));
    })));
  } else if (s.enum) {
    const ranked = s["x-ranked"];
    parts.push(ranked ? element("p", { class: "muted" }, "Compared and sorted by gravity, in this order.") : null,
      element("p", { class: "words" }, s.enum.flatMap((word, i) => (i ? [ranked ? " < " : ", ", element("code", {}, word)] : [element("code", {}, word)]))));
  } else if (entry.fields.length) {
    parts.push(element("h3", {}, "Fields"), fieldTable(entry.name, s, field));
  } else {
    parts.push(element("p", {}, typeOf(s)));
  }
  const used = usedBy(entry.name);
  if (used.operations.length) {
    parts.push(element("h3", {}, "Used by"), element("p", {}, used.operations.map((o, i) => [i ? ", " : "", element("a", { href: `#/operation/${o.id}` }, `${o.method} ${o.path}`)])));
  }
  if (used.schemas.length) {
    parts.push(element("h3", {}, "Part of"), element("p", {}, used.schemas.map((one, i) => [i ? ", " : "", schemaLink(one.name)])));
  }
  return parts;
}

function homePage() {
  const collections = schemas.filter((s) => s.schema["x-collection"]);
  return [
    element("h1", {}, `${api.info.title} API ${api.info.version}`),
    element("p", {}, api.info.description || ""),
    element("p", { class: "muted" }, element("kbd", {}, "/"), " search  ", element("kbd", {}, "j"), " ", element("kbd", {}, "k"), " next and previous  ",
      element("kbd", {}, "Esc"), " all again.  The description itself: ", element("a", { href: "openapi.json" }, "openapi.json"), "."),
    element("h3", {}, "Collections"),
    table(["Path", "Objects", "Short name", ""], collections.map((s) => {
      const c = s.schema["x-collection"];
      const get = operations.find((o) => o.path === "/" + c.name && o.method === "GET");
      return element("tr", {}, element("td", { class: "name" }, get ? element("a", { href: `#/operation/${get.id}` }, "/" + c.name) : "/" + c.name),
        element("td", {}, schemaLink(s.name)), element("td", { class: "name" }, (s.schema["x-display"] || {}).short || ""),
        element("td", {}, s.schema.description || ""));
    })),
  ];
}

function show() {
  const [place, query] = location.hash.slice(1).split("?");
  const [, kind, name] = place.split("/").map(decodeURIComponent);
  let parts = null;
  if (kind === "operation") {
    const entry = operations.find((o) => o.id === name);
    if (entry) parts = operationPage(entry);
  } else if (kind === "schema") {
    const entry = schemas.find((s) => s.name === name);
    if (entry) parts = schemaPage(entry, new URLSearchParams(query).get("field"));
  } else {
    parts = homePage();
  }
  main.replaceChildren(...(parts || [element("h1", {}, "Not here"), element("p", {}, `There is no ${kind} “${name}”.`)]).filter(Boolean));
  document.title = kind && name ? `${name} · VM Security API` : "VM Security API";
  main.scrollTop = 0;
  const hit = main.querySelector(".hit");
  if (hit) hit.scrollIntoView({ block: "center" });
  markCurrent(true);
}

// ---- Keys ----

function step(by) {
  const links = [...list.querySelectorAll("a")];
  if (!links.length) return;
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  location.hash = links[next].getAttribute("href");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = document.activeElement === search;
  if (event.key === "/" && !typing) {
    search.focus();
    search.select();
  } else if (event.key === "Escape" && (typing || search.value)) {
    search.value = "";
    showList();
    main.focus();
  } else if (event.key === "Enter" && typing) {
    const first = list.querySelector("a");
    if (first) location.hash = first.getAttribute("href");
    main.focus();
  } else if ((event.key === "j" && !typing) || (event.key === "ArrowDown" && typing)) {
    step(1);
  } else if ((event.key === "k" && !typing) || (event.key === "ArrowUp" && typing)) {
    step(-1);
  } else {
    return;
  }
  event.preventDefault();
});
search.addEventListener("input", showList);
window.addEventListener("hashchange", show);

fetch("openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the server answered ${answer.status}`))))
  .then((document_) => {
    read(document_);
    showList();
    show();
  })
  .catch((error) => main.replaceChildren(element("h1", {}, "The description cannot be read"), element("p", {}, String(error.message || error))));
