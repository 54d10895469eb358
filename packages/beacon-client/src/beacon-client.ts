import { ArgumentError } from "@beamtime/errors";
import { beaconMessage, ProtocolError } from "@beamtime/protocol";
import type { RedisTarget } from "@beamtime/redis";
import { BeaconError } from "./beacon-error.js";
import { BeaconFileError, type FileAction } from "./beacon-file-error.js";
import type { BeaconLink, BeaconState } from "./beacon-link.js";
import type { BeaconLocks } from "./beacon-locks.js";
import { type BeaconRequests, unexpectedReply } from "./beacon-requests.js";
import { configFilesReceiver, type ServedFiles } from "./config-files.js";
import { namesOfTree } from "./names-of-tree.js";
import { redisLocation } from "./redis-location.js";
import { utf8 } from "./utf8.js";

/** A Python module below the configuration. */
export interface PythonModule {
  /** `name`, or `package.name`. */
  readonly name: string;
  /** Absolute, on the server. */
  readonly path: string;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection to a Beacon server: `connectBeacon` makes it, and whoever made it closes it.
 *
 * Any number of requests may be under way at once. A connection that is lost is made anew, with pauses of 50 ms growing
 * to 1 s: requests given meanwhile wait for it up to 10 s; of those under way, what reads is repeated, what writes is
 * rejected, because nobody knows whether it was done. Paths are relative to the root of the configuration.
 *
 * All methods throw BeaconError when the server does not answer (or closes the connection instead, as that of BLISS does
 * for a path outside of its configuration), and the reason of the signal.
 */
export class BeaconClient implements AsyncDisposable {
  /** Locks by name that all processes of the beamline share. */
  readonly locks: BeaconLocks;
  readonly #link: BeaconLink;
  readonly #requests: BeaconRequests;
  readonly #listeners: Set<(state: BeaconState) => void>;

  constructor(
    link: BeaconLink,
    requests: BeaconRequests,
    locks: BeaconLocks,
    listeners: Set<(state: BeaconState) => void>,
  ) {
    this.#link = link;
    this.#requests = requests;
    this.locks = locks;
    this.#listeners = listeners;
  }

  /** `host:port` or socket path of the server, for messages and for BEACON_HOST. */
  get address(): string {
    return this.#link.address;
  }

  get state(): BeaconState {
    return this.#link.state;
  }

  /** What went wrong last, since the connection was last ready. */
  get lastError(): Error | undefined {
    return this.#link.lastError;
  }

  /** Calls `listener` at each change of state. Returns the way out. */
  onState(listener: (state: BeaconState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Where the Redis server of settings and channels is. */
  settingsRedis(options: RequestOptions = {}): Promise<RedisTarget> {
    return this.#requests.ask(
      {
        type: beaconMessage.redisQuery,
        fields: null,
        what: "ask for the settings Redis",
        isRead: true,
        receiver: () => (reply) => {
          if (reply.type !== beaconMessage.redisAnswer) throw unexpectedReply(reply);
          return { answer: redisLocation(textOf(reply.payload), ":") };
        },
      },
      options,
    );
  }

  /** Where the Redis server of the scans is. @throws BeaconError also when there is none */
  dataRedis(options: RequestOptions = {}): Promise<RedisTarget> {
    return this.#requests.ask(
      {
        type: beaconMessage.redisDataQuery,
        fields: "",
        what: "ask for the data Redis",
        isRead: true,
        receiver: () => (reply) => {
          const text = textOf(reply.payload);
          if (reply.type === beaconMessage.redisDataFailed) throw new ProtocolError(`has no data Redis: ${text}`);
          if (reply.type !== beaconMessage.redisDataOk) throw unexpectedReply(reply);
          return { answer: redisLocation(text, "|") };
        },
      },
      options,
    );
  }

  /** @throws BeaconFileError when there is no such file, or when it is no UTF-8 */
  readFile(path: string, options: RequestOptions = {}): Promise<string> {
    return this.#file("read", path, beaconMessage.readFile, options, (content) => {
      const text = utf8(content);
      if (text === undefined) throw new BeaconFileError("read", path, this.address, "it is no UTF-8 text");
      return text;
    });
  }

  /** Replaces the file, or makes it and the folders that it needs. @throws BeaconFileError */
  writeFile(path: string, content: string, options: RequestOptions = {}): Promise<void> {
    return this.#file("write", path, beaconMessage.writeFile, options, nothing, content);
  }

  /** Removes a file, or a folder with all that is in it; what is not there is removed already. @throws BeaconFileError */
  removeFile(path: string, options: RequestOptions = {}): Promise<void> {
    return this.#file("remove", path, beaconMessage.remove, options, nothing);
  }

  /** Moves or renames a file or folder. @throws BeaconFileError */
  async moveFile(from: string, to: string, options: RequestOptions = {}): Promise<void> {
    return this.#file("move", from, beaconMessage.move, options, nothing, checked(to));
  }

  /** The paths of all files below a folder, whatever their kind, sorted. @throws BeaconFileError */
  listFiles(base = "", options: RequestOptions = {}): Promise<string[]> {
    return this.#file("list", base, beaconMessage.names, options, (names) => namesOfTree(textOf(names), base));
  }

  /** The YAML files below a folder, without those that the configuration hides from BLISS (`bliss_ignored`). */
  async readConfigFiles(base = "", options: RequestOptions = {}): Promise<ServedFiles> {
    // what 1.11.4 asks first; its own server only knows the number of the versions before
    for (const type of [beaconMessage.readTree2, beaconMessage.readTree]) {
      const request = { type, fields: checked(base), what: "read the configuration", isRead: true };
      const files = await this.#requests.ask({ ...request, receiver: configFilesReceiver }, options);
      if (files) return files;
    }
    throw new BeaconError(this.address, `the Beacon server at ${this.address} has no configuration to read`);
  }

  /** The Python modules and packages in a folder; none when there is no such folder. @throws BeaconFileError */
  async modules(directory: string, options: RequestOptions = {}): Promise<PythonModule[]> {
    return this.#requests.ask(
      {
        type: beaconMessage.modules,
        fields: checked(directory),
        what: `list the modules of '${directory}'`,
        isRead: true,
        receiver: () => {
          const modules: PythonModule[] = [];
          return (reply) => {
            const text = textOf(reply.payload);
            if (reply.type === beaconMessage.modulesEnd) return { answer: modules };
            if (reply.type === beaconMessage.modulesFailed) throw this.#refused("list", directory, text);
            if (reply.type !== beaconMessage.module) throw unexpectedReply(reply);
            const end = text.indexOf("|");
            modules.push({ name: text.slice(0, end), path: text.slice(end + 1) });
            return undefined;
          };
        },
      },
      options,
    );
  }

  /** Closes the connection; the server frees the locks. Twice is fine. */
  async close(): Promise<void> {
    await this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A request about one path. The numbers of its answers follow its own: failed, done. */
  async #file<Answer>(
    action: FileAction,
    path: string,
    type: number,
    options: RequestOptions,
    read: (payload: Uint8Array) => Answer,
    ...more: string[]
  ): Promise<Answer> {
    return this.#requests.ask(
      {
        type,
        fields: [checked(path), ...more].join("|"),
        what: `${action} '${path}'`,
        isRead: action === "read" || action === "list",
        receiver: () => (reply) => {
          if (reply.type === type + 1) throw this.#refused(action, path, textOf(reply.payload));
          if (reply.type !== type + 2) throw unexpectedReply(reply);
          return { answer: read(reply.payload) };
        },
      },
      options,
    );
  }

  #refused(action: FileAction, path: string, reason: string): BeaconFileError {
    return new BeaconFileError(action, path, this.address, reason);
  }
}

function nothing(): void {}

function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** @throws ArgumentError for a path that cannot be sent */
function checked(path: string): string {
  if (path.includes("|")) throw new ArgumentError("path", `'${path}' has a '|', which no path of Beacon may have`);
  return path;
}
