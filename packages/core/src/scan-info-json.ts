import type { InfoValue, ScanInfo } from "./scan-info.js";

/** JSON, as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A value of scan_info as JSON. What JSON lacks is an object with one key that starts with `$`: `$date` (ms since
 * 1970), `$bigint`, `$number` (NaN, infinities, -0). A key of the user that starts so gets a second `$`.
 */
export function infoToJson(value: InfoValue): Json {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $number: Object.is(value, -0) ? "-0" : String(value) };
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return { $date: value.getTime() };
  if (isList(value)) return value.map(infoToJson);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith("$") ? `$${key}` : key, infoToJson(item)]),
  );
}

/** The inverse of {@link infoToJson}. @throws SyntaxError when a `$` key is not one of ours */
function infoFromJson(json: Json): InfoValue {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(infoFromJson);
  const entries = Object.entries(json);
  const [first] = entries;
  if (first && entries.length === 1) {
    const [key, value] = first;
    if (key === "$date" && typeof value === "number") return new Date(value);
    if (key === "$bigint" && typeof value === "string") return BigInt(value);
    if (key === "$number" && typeof value === "string") return Number(value);
  }
  return Object.fromEntries(entries.map(([key, item]) => [plainKey(key), infoFromJson(item)]));
}

/** The inverse of {@link infoToJson} for a whole info. */
export function recordFromJson(json: { [key: string]: Json }): ScanInfo {
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [plainKey(key), infoFromJson(item)]));
}

function plainKey(key: string): string {
  if (!key.startsWith("$")) return key;
  if (key.startsWith("$$")) return key.slice(1);
  throw new SyntaxError(`unknown key '${key}' in an info`);
}

function isList(value: InfoValue): value is readonly InfoValue[] {
  return Array.isArray(value);
}
