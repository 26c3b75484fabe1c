// Settings that change here: people, keys, destinations. What the configuration says is rendered by the server.

import { $, can, h, put, say, stacks } from "./dom.js";
import { ask, get, getIfThere } from "./api.js";
import { plain, when } from "./words.js";

async function done(work, words) {
  try {
    const answer = await work();
    if (words) say(words);
    return answer;
  } catch (error) {
    say(error.message, "bad");
    return null;
  }
}

const wrap = (label, table) => h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": label }, stacks(table));
const head = (...names) => h("thead", {}, h("tr", {}, names.map((n) => h("th", { scope: "col" }, n))));

/** Shows a secret the one time that it can be seen. */
function secret(panel, words, value) {
  const box = $(".secret", panel);
  box.hidden = false;
  put(box, h("p", {}, words), h("b", {}, value));
}

// ---- people ----

const users = $("#users");
async function showUsers() {
  const { data } = await get("/v1/users");
  const roles = [...$("#user-role").options].map((o) => o.value);
  put($(".list", users), data.length ? wrap("People", h("table", {}, head("Name", "Role", "Places", "Since", ""), h("tbody", {}, data.map((u) => h("tr", {},
    h("td", {}, u.name, h("br"), h("small", {}, u.login, !u.has_password && " · has set no password yet", u.disabled && " · disabled")),
    h("td", {}, h("select", { "aria-label": `Role of ${u.name}`, onchange: async (event) => { await done(() => ask("PATCH", `/v1/users/${u.id}`, { body: { role: event.target.value } }), "Changed."); showUsers(); } }, roles.map((r) => h("option", { selected: r === u.role }, r)))),
    h("td", {}, u.location_ids?.map(plain).join(", ") ?? "all"), h("td", {}, when(u.created_at)),
    h("td", {}, h("button", { type: "button", class: "small", onclick: async () => {
      const answer = await done(() => ask("POST", `/v1/users/${u.id}/password-link`, { body: {} }));
      if (answer) secret(users, `For ${u.name}, good once, for three days:`, location.origin + answer.password_link);
    } }, "New link"), " ", h("button", { type: "button", class: "small", onclick: async () => { await done(() => ask("PATCH", `/v1/users/${u.id}`, { body: { disabled: !u.disabled } })); showUsers(); } }, u.disabled ? "Enable" : "Disable"))))))) : h("p", { class: "empty" }, "Nobody has an account: whoever sits at this machine gets in. The link for the first account was printed when the server started."));
  $("#new-user").hidden = !data.length;
}
$("#new-user")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await done(() => ask("POST", "/v1/users", { body: Object.fromEntries(new FormData(form)) }), "Added.");
  if (!answer) return;
  secret(users, `For ${answer.name}, good once, for three days:`, location.origin + answer.password_link);
  form.reset();
  showUsers();
});

// ---- keys ----

const keysPanel = $("#keys-panel");
async function showKeys() {
  const { data } = await get("/v1/api-keys");
  put($(".list", keysPanel), data.length ? wrap("Keys", h("table", {}, head("Name", "Begins", "May", "Used", ""), h("tbody", {}, data.map((k) => h("tr", {},
    h("td", {}, k.name, k.revoked && h("small", {}, " revoked")), h("td", {}, h("code", {}, `${k.start}…`)), h("td", {}, (k.scopes ?? []).join(", ")), h("td", {}, k.used_at ? when(k.used_at) : "never"),
    h("td", {}, !k.revoked && h("button", { type: "button", class: "small danger", onclick: async () => { await done(() => ask("DELETE", `/v1/api-keys/${k.id}`), "Revoked."); showKeys(); } }, "Revoke"))))))) : h("p", { class: "empty" }, "No program has a key."));
}
$("#new-key")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const answer = await done(() => ask("POST", "/v1/api-keys", { body: { name: form.get("name"), scopes: form.getAll("scopes") } }));
  if (!answer) return;
  secret(keysPanel, "The key, shown this once:", answer.key);
  event.target.reset();
  showKeys();
});

// ---- destinations ----

const destinations = $("#destinations");
async function showDestinations() {
  const answer = await getIfThere("/v1/destinations");
  if (!answer) return;
  destinations.hidden = false;
  const test = (d) => h("button", { type: "button", class: "small", onclick: async () => {
    const sent = await done(() => ask("POST", `/v1/destinations/${d.id}/test`, { body: {} }), "A test is on its way.");
    if (sent) tellTest(d, sent.event_id);
  } }, "Test");
  const button = (d, words, path, note) => h("button", { type: "button", class: "small", onclick: async () => {
    const got = await done(() => ask("POST", `/v1/destinations/${d.id}/${path}`, { body: {} }), note);
    if (got?.secret) secret(destinations, `The new secret of ${d.id}, shown this once; the old one signs as well until ${when(got.old_secret_valid_until)}:`, got.secret);
    showDestinations();
  } }, words);
  put($(".list", destinations), answer.data.length ? wrap("Destinations", h("table", {}, head("Destination", "Where", "Health", "Waiting", ""), h("tbody", {}, answer.data.map((d) => h("tr", {},
    h("td", {}, plain(d.id), h("br"), h("small", {}, d.kind)), h("td", {}, d.host ?? [].concat(d.to ?? []).join(", ")),
    h("td", {}, d.enabled === false ? h("span", { class: "chip", data: { tone: "bad" } }, `! disabled: ${plain(d.disabled_reason)}`) : d.failures ? h("span", { class: "chip", data: { tone: "warn" } }, `! ${d.failures} failures`) : h("span", { class: "chip", data: { tone: "ok" } }, "✓ well"), h("br"), h("small", {}, d.last_success_at ? `last success ${when(d.last_success_at)}` : "nothing sent yet")),
    h("td", {}, Object.entries(d.backlog ?? {}).map(([state, n]) => `${n} ${plain(state)}`).join(", ") || "nothing"),
    h("td", {}, test(d), " ", can("administer") && d.kind === "webhook" && button(d, "New secret", "rotate-secret"), " ", can("administer") && d.enabled === false && button(d, "Enable", "enable", "Enabled.")))))),
  ) : h("p", { class: "empty" }, "No destination is configured: nothing leaves this server."));
}

const TEST_ASKED_EVERY_MS = 500;
const TEST_WAITED_MS = 20_000;

/** Says how a test of a destination went, as soon as it is known. */
async function tellTest(d, event, since = Date.now()) {
  const sent = (await getIfThere(`/v1/deliveries?event_id=${encodeURIComponent(event)}`).catch(() => null))?.data[0];
  if (sent?.state === "delivered") say(`${plain(d.id)} took the test${sent.last_status ? `: it answered ${sent.last_status}` : ""}.`);
  else if (["retrying", "dead", "canceled"].includes(sent?.state)) say(`${plain(d.id)} did not take the test: ${sent.last_error ?? `it answered ${sent.last_status}`}`, "bad");
  else if (Date.now() - since > TEST_WAITED_MS) say(`${plain(d.id)} has not answered the test yet.`, "bad");
  else {
    setTimeout(() => tellTest(d, event, since), TEST_ASKED_EVERY_MS);
    return;
  }
  showDestinations();
}

// ---- what was given up ----

const dead = $("#dead");
async function showDead() {
  const answer = await getIfThere("/v1/dead-letters?limit=100");
  if (!answer) return;
  dead.hidden = false;
  put($(".list", dead), answer.data.length ? wrap("Not delivered", h("table", {}, head("Since", "Where", "What", "Why", ""), h("tbody", {}, answer.data.map((d) => h("tr", {},
    h("td", {}, when(d.created_at)), h("td", {}, plain(d.destination_id), h("br"), h("small", {}, d.kind)), h("td", {}, d.event_type, h("br"), d.call_id && h("a", { href: `/calls/${d.call_id}` }, "the call")),
    h("td", {}, d.last_error ?? (d.last_status && `answered ${d.last_status}`) ?? "", h("br"), h("small", {}, `${d.attempt_count ?? 0} attempts`)),
    h("td", {}, can("deliver") && h("button", { type: "button", class: "small", onclick: async () => { await done(() => ask("POST", `/v1/deliveries/${d.id}/retry`, { body: {} }), "It is sent again."); showDead(); } }, "Send again"))))))) : h("p", { class: "empty" }, "✓ Nothing was given up."));
}

const shows = [...(can("administer") ? [showUsers, showKeys] : []), ...(can("deliver") ? [showDestinations] : []), showDead];
for (const show of shows) show().catch((error) => say(error.message, "bad"));
