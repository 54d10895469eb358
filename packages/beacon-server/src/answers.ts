import { Buffer } from "node:buffer";
import { errorMessage } from "@beamtime/errors";
import { beaconMessage } from "@beamtime/protocol";
import type { ConfigDirectory } from "./config-directory.js";
import type { ConfigEditor } from "./config-editor.js";
import type { LockHolder, LockTable } from "./lock-table.js";
import { type RedisLocation, type RedisViewer, redisAddress } from "./redis-location.js";
import { RequestError } from "./request-error.js";

/** Who asks. */
export interface Client extends LockHolder, RedisViewer {
  /** As it called itself, a byte string; empty if it never did. */
  name: string;
  readonly isOpen: boolean;
  /** Sends one message. Texts are byte strings, see `messageBytes`. */
  send(type: number, ...parts: readonly (string | Uint8Array)[]): void;
  /** Resolves when the client has taken enough of what was sent, or is gone; undefined when it has already. */
  flushed(): Promise<void> | undefined;
}

/** What the answers are made of. */
export interface Services {
  readonly hostname: string;
  /** Path of the Unix socket that this server listens on. */
  readonly socket: string | undefined;
  readonly settings: () => RedisLocation | Promise<RedisLocation>;
  readonly data: (() => RedisLocation | Promise<RedisLocation>) | undefined;
  readonly locks: LockTable<Client>;
  readonly reader: ConfigDirectory | undefined;
  readonly editor: ConfigEditor | undefined;
}

/** Payload of a request that is not a file's content. */
const maxRequest = 64 * 1024;
const maxName = 1024;

type Handler = (client: Client, payload: Buffer, services: Services) => void | Promise<void>;

const m = beaconMessage;

const redis: Handler = (client, _, { settings, hostname }) =>
  onceKnown(settings(), (location) => {
    client.send(m.redisAnswer, utf8(redisAddress(location, client, hostname).join(":")));
  });

const dataRedis: Handler = (client, payload, { data, hostname }) => {
  if (!data) throw new RequestError("no data Redis is configured");
  return onceKnown(data(), (location) => {
    client.send(m.redisDataOk, keyOf(payload), "|", utf8(redisAddress(location, client, hostname).join("|")));
  });
};

/** Goes on at once where it can: most clients ask for nothing but addresses. */
function onceKnown<T>(value: T | Promise<T>, use: (value: T) => void): void | Promise<void> {
  return value instanceof Promise ? value.then(use) : use(value);
}

const readFile: Handler = async (client, payload, services) => {
  const [key, path] = keyed(payload);
  const content = await readerOf(services).readFile(path);
  client.send(m.readFileOk, key, "|", content);
};

const readTree: Handler = async (client, payload, services) => {
  const [key, base] = keyed(payload);
  try {
    for await (const files of readerOf(services).yamlFiles(base)) {
      if (!client.isOpen) return;
      for (const file of files) {
        const path = utf8(file.path);
        if (file.problem === undefined) client.send(m.readTreeFile, key, "|", path, "|", file.content);
        else client.send(m.readTreeFailed, key, "|", path, utf8(`: ${file.problem}`));
      }
      await client.flushed();
    }
  } catch (error) {
    client.send(m.readTreeFailed, key, "|", utf8(errorMessage(error)));
  }
  client.send(m.readTreeEnd, key, "|");
};

const writeFile: Handler = async (client, payload, services) => {
  const [key, rest] = keyed(payload);
  const end = rest.indexOf(0x7c);
  if (end < 0) throw new RequestError("expected key|path|content");
  await editorOf(services).write(rest.subarray(0, end), rest.subarray(end + 1));
  client.send(m.writeFileOk, key, "|0");
};

const remove: Handler = async (client, payload, services) => {
  const [key, path] = keyed(payload);
  await editorOf(services).remove(path);
  client.send(m.removeOk, key, "|0");
};

const move: Handler = async (client, payload, services) => {
  const [key, rest] = keyed(payload);
  const end = rest.indexOf(0x7c);
  if (end < 0) throw new RequestError("expected key|from|to");
  await editorOf(services).move(rest.subarray(0, end), rest.subarray(end + 1));
  client.send(m.moveOk, key, "|0");
};

const names: Handler = async (client, payload, services) => {
  const [key, base] = keyed(payload);
  const tree = await readerOf(services).names(base);
  client.send(m.namesOk, key, "|", utf8(JSON.stringify(tree)));
};

const modules: Handler = async (client, payload, services) => {
  const [key, base] = keyed(payload);
  for await (const { name, path } of readerOf(services).modules(base)) {
    client.send(m.module, key, "|", utf8(name), "|", utf8(path));
    await client.flushed();
  }
  client.send(m.modulesEnd, key, "|");
};

const socketQuery: Handler = (client, payload, { hostname, socket }) => {
  if (socket !== undefined && payload.toString() === hostname) client.send(m.socketOk, utf8(socket));
  else client.send(m.socketFailed);
};

const clientName: Handler = (client, payload) => {
  client.send(m.clientNameOk, keyOf(payload), "|", client.name);
};

const setClientName: Handler = (client, payload, services) => {
  const [, name] = keyed(payload);
  client.name = name.toString("latin1", 0, maxName);
  return clientName(client, payload, services);
};

const lock: Handler = (client, payload, { locks }) => {
  const { priority, names } = lockFields(payload);
  locks.lock(client, priority, names, () => client.send(m.lockOk, payload));
};

const unlock: Handler = (client, payload, { locks }) => locks.unlock(client, lockFields(payload).names);

const acknowledge: Handler = (client, payload, { locks }) => locks.acknowledge(client, payload.toString("latin1"));

const whoLocked: Handler = (client, payload, { locks }) => {
  const [key = "", ...names] = payload.toString("latin1").split("|");
  for (const [name, holder] of locks.held(names.length > 0 ? names : undefined)) {
    client.send(m.whoLockedName, key, "|", name, "|", holder.name || "Unknown");
  }
  client.send(m.whoLockedEnd, key, "|");
};

const logServer: Handler = (client, payload) => {
  client.send(m.logServerFailed, keyOf(payload), "|no log server");
};

/** What answers each request, and the type of its answer when that fails; without one it is the frame −1. */
const handlers: ReadonlyMap<number, readonly [handler: Handler, failed?: number]> = new Map([
  [m.lock, [lock]],
  [m.unlock, [unlock]],
  [m.lockStolenOk, [acknowledge]],
  [m.redisQuery, [redis]],
  [m.redisDataQuery, [dataRedis, m.redisDataFailed]],
  [m.readFile, [readFile, m.readFileFailed]],
  [m.readTree, [readTree, m.readTreeFailed]],
  [m.readTree2, [readTree, m.readTreeFailed]],
  [m.writeFile, [writeFile, m.writeFileFailed]],
  [m.remove, [remove, m.removeFailed]],
  [m.move, [move, m.moveFailed]],
  [m.names, [names, m.namesFailed]],
  [m.modules, [modules, m.modulesFailed]],
  [m.socketQuery, [socketQuery]],
  [m.setClientName, [setClientName]],
  [m.getClientName, [clientName]],
  [m.whoLocked, [whoLocked, m.whoLockedFailed]],
  [m.logServer, [logServer, m.logServerFailed]],
]);

/**
 * Answers one request; what is wrong with it is the answer. Types without meaning get the frame −1 with the whole
 * payload, on which clients of BLISS rely.
 *
 * @returns undefined when it is answered already
 */
export function answer(client: Client, type: number, payload: Buffer, services: Services): Promise<void> | undefined {
  const [handler, failed] = handlers.get(type) ?? [];
  const fail = (error: unknown): void => {
    if (failed === undefined) client.send(m.unknown, payload);
    else client.send(failed, keyOf(payload), "|", utf8(errorMessage(error)));
  };
  if (!handler) {
    client.send(m.unknown, payload);
    return undefined;
  }
  try {
    if (payload.length > maxRequest && type !== m.writeFile) {
      throw new RequestError(`the request has ${payload.length} bytes; at most ${maxRequest} are read`);
    }
    return handler(client, payload, services)?.catch(fail);
  } catch (error) {
    fail(error);
    return undefined;
  }
}

/** The message key, which is all of a payload without `|`. */
function keyOf(payload: Buffer): string {
  const end = payload.indexOf(0x7c);
  return payload.toString("latin1", 0, end < 0 ? Math.min(payload.length, maxName) : end);
}

function keyed(payload: Buffer): readonly [key: string, rest: Buffer] {
  const end = payload.indexOf(0x7c);
  return [keyOf(payload), payload.subarray(end < 0 ? payload.length : end + 1)];
}

function lockFields(payload: Buffer): { priority: number; names: readonly string[] } {
  const [priority = "", ...names] = payload.toString("latin1").split("|");
  if (!/^\s*[-+]?\d+\s*$/.test(priority)) throw new RequestError("expected priority|name|name|...");
  return { priority: Number(priority), names };
}

function readerOf({ reader }: Services): ConfigDirectory {
  if (!reader) throw new RequestError("this server has no configuration directory");
  return reader;
}

function editorOf({ editor }: Services): ConfigEditor {
  if (!editor) throw new RequestError("this server has no configuration directory");
  return editor;
}

const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");
