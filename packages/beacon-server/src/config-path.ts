import { Buffer, isUtf8 } from "node:buffer";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { RequestError } from "./request-error.js";

const longestName = 255;
const longestPath = 4000;

/**
 * The absolute path of what a client names, below the root of the configuration: relative to it, with any number of
 * leading `/`, or absolute where it begins with the root, as the paths of Python modules are told (BLISS asks for them
 * without their leading `/`); `~` is the home directory.
 *
 * It is a matter of text: links are not looked at. Reading follows them, as linked directories are a usual way to share
 * configuration and no client can make a link; what writes asks where the path really leads.
 *
 * @param root absolute and normalized
 * @throws RequestError when it leads out of the root, or cannot be a path
 */
export function configPath(root: string, given: Uint8Array): string {
  if (!isUtf8(given)) throw new RequestError("the path is not UTF-8");
  const text = Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("utf8");
  if (text.includes("\0")) throw new RequestError("a path has no NUL");
  if (given.length > longestPath) throw new RequestError(`the path has more than ${longestPath} bytes`);
  if (text.split("/").some((name) => name.length * 3 > longestName && Buffer.byteLength(name) > longestName)) {
    throw new RequestError(`a name of the path has more than ${longestName} bytes`);
  }
  const path = text.startsWith("~") ? text.replace(/^~(?=\/|$)/, homedir()) : text;
  // a root of one name may well have a directory of that name in it
  const whole = path.startsWith("/") || root.lastIndexOf("/") > 0 ? join("/", path) : "";
  const absolute = (isBelow(root, whole) ? whole : join(root, path)).replace(/(?<=.)\/+$/, "");
  if (!isBelow(root, absolute)) throw new RequestError(`${text} is not inside the configuration`);
  return absolute;
}

/** Whether a normalized path is the root or below it. */
export function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
