import { ArgumentError } from "@beamtime/errors";
import type { AcquisitionChannel } from "./acquisition-channel.js";
import type { DataKey } from "./data-key.js";

/**
 * The channels that a key may mean, by the first of these that finds any: full name, short name, `axis:<key>`, pattern.
 */
export function findChannels(channels: readonly AcquisitionChannel[], key: DataKey): readonly AcquisitionChannel[] {
  if (typeof key !== "string") {
    const text = "fullname" in key ? key.fullname : key.name;
    const axis = channels.filter(({ fullname }) => fullname === `axis:${text}`);
    return axis.length > 0 && !("fullname" in key) ? axis : findChannels(channels, text);
  }
  const attempts: ((channel: AcquisitionChannel) => boolean)[] = [
    ({ fullname }) => fullname === key,
    ({ shortName }) => shortName === key,
    ({ fullname }) => fullname === `axis:${key}`,
  ];
  if (/[*?]/.test(key)) {
    const pattern = new RegExp(
      `^${key
        .split(/([*?])/)
        .map(toRegExp)
        .join("")}$`,
    );
    attempts.push(({ shortName, fullname }) => pattern.test(shortName) || pattern.test(fullname));
  }
  for (const matches of attempts) {
    const found = channels.filter(matches);
    if (found.length > 0) return found;
  }
  return [];
}

/** The one channel that a key means. @throws ArgumentError when there is none, or more than one */
export function findChannel(channels: readonly AcquisitionChannel[], key: DataKey): AcquisitionChannel {
  const found = findChannels(channels, key);
  const [first] = found;
  if (first && found.length === 1) return first;
  const asked = typeof key === "string" ? key : "fullname" in key ? key.fullname : key.name;
  throw new ArgumentError(
    "key",
    first
      ? `ambiguous key '${asked}': it means ${listOf(found)}; use a full name`
      : `no channel '${asked}' in this scan; it has ${listOf(channels)}`,
  );
}

function toRegExp(part: string): string {
  if (part === "*") return ".*";
  if (part === "?") return ".";
  return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
}

function listOf(channels: readonly AcquisitionChannel[]): string {
  return channels.length === 0 ? "none" : channels.map(({ fullname }) => `'${fullname}'`).join(", ");
}
