import { ArgumentError } from "@beamtime/errors";
import type { RedisOptions } from "ioredis";

/** A TCP address. */
interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a Redis server listens: host and port, the path of its Unix socket, sentinels that know where the master of a
 * name is, or a text: `redis://host:port[/db]` (`rediss://` for TLS, `user:password@` allowed), `host:port`,
 * `unix:/path` or just `/path`.
 */
export type RedisTarget =
  | HostAndPort
  | { readonly path: string }
  | { readonly sentinels: readonly HostAndPort[]; readonly name: string }
  | string;

/** A target in one form: what ioredis needs to reach it, and its name for messages (without any password). */
export interface ResolvedTarget {
  readonly address: string;
  readonly options: RedisOptions;
}

const expected = "expected 'host:port', 'redis://host:port[/db]', '/path/of.sock' or 'unix:/path/of.sock'";

/** @throws ArgumentError when the text is none of the forms of {@link RedisTarget} */
export function resolveTarget(target: RedisTarget): ResolvedTarget {
  if (typeof target !== "string") {
    if ("path" in target) return { address: target.path, options: { path: target.path } };
    if ("sentinels" in target) {
      const { sentinels, name } = target;
      const address = `${name} of ${sentinels.map(({ host, port }) => addressOf(host, port)).join(", ")}`;
      return { address, options: { sentinels: [...sentinels], name } };
    }
    const { host, port } = target;
    return { address: addressOf(host, port), options: { host, port } };
  }
  if (target.startsWith("/")) return resolveTarget({ path: target });
  if (/^unix:\/?\//.test(target)) return resolveTarget({ path: target.replace(/^unix:(\/\/)?/, "") });
  if (/^rediss?:\/\//.test(target)) return resolveUrl(target);
  const [, host, port] = /^(?:\[)?([^\]]+?)\]?:(\d+)$/.exec(target) ?? [];
  if (!host) throw new ArgumentError("target", `'${target}' is no address of a Redis server; ${expected}`);
  return resolveTarget({ host, port: Number(port) });
}

function resolveUrl(text: string): ResolvedTarget {
  if (!URL.canParse(text)) throw new ArgumentError("target", `a URL that cannot be read; ${expected}`);
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  const port = Number(url.port || 6379);
  const db = url.pathname.slice(1);
  if (db && !/^\d+$/.test(db)) {
    throw new ArgumentError("target", `database '${db}' in the URL of ${host}:${port}; expected a number`);
  }
  const options: RedisOptions = { host, port };
  if (db) options.db = Number(db);
  if (url.username) options.username = decodeURIComponent(url.username);
  if (url.password) options.password = decodeURIComponent(url.password);
  if (url.protocol === "rediss:") options.tls = {};
  return { address: addressOf(host, port), options };
}

function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
