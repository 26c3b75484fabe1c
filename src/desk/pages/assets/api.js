// Asks the API. A refusal becomes an error that carries the server's sentence.

import { plain } from "./words.js";

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail || `the server answered ${status}`);
    this.status = status;
    this.code = problem?.code;
  }
}

/** Asks; the answer is `{ data, version }`. `version` goes along as If-Match, and every change carries its own Idempotency-Key. */
export async function ask(method, path, { body, version, key } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (version !== undefined) headers["if-match"] = `"${version}"`;
  if (key) headers["idempotency-key"] = key;
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (response.status === 401) {
    location.href = `/sign-in?then=${encodeURIComponent(location.pathname + location.search)}`;
  }
  const text = await response.text();
  const data = text && /json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : null;
  if (!response.ok) throw new Refused(response.status, data);
  return data;
}

export const get = (path) => ask("GET", path);

/** The answer, or null where there is no such thing (yet). */
export async function getIfThere(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refused && [403, 404].includes(error.status)) return null;
    throw error;
  }
}

/** All rows of a list, up to a number. */
export async function rows(path, most = 200) {
  const all = [];
  let cursor = null;
  do {
    const page = await get(cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : path);
    all.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && all.length < most);
  return { data: all.slice(0, most), more: Boolean(cursor) };
}

/** The business kinds by name, asked once a page. */
let kinds;
export function verticals() {
  kinds ??= get("/v1/verticals").then(({ data }) => new Map(data.map((v) => [v.name, v])));
  return kinds;
}

/** Whose a call or record is, in words. */
export const placeWords = (ownership, names) => [ownership?.location_id && (names?.get(ownership.location_id) ?? plain(ownership.location_id)), ownership?.department_id && plain(ownership.department_id)].filter(Boolean).join(" / ");

/** The names of locations by id. */
export const places = () => get("/v1/locations").then(({ data }) => new Map(data.map((l) => [l.id, l.name || l.id])));
