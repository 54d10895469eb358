import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findRedisServer } from "@beamtime/redis/server";

const run = promisify(execFile);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A running Beacon server of BLISS 1.11.4 with its own two Redis servers; ended with all its processes on dispose. */
export interface RealBeacon extends AsyncDisposable {
  /** `localhost:port`, as BEACON_HOST takes it. */
  readonly host: string;
  /** Its run directory: `config` has the YAML files it serves, `beacon.log` what it says. Removed in the end. */
  readonly directory: string;
  /** Ends the server and starts it again on the same ports, as an operator would. */
  restart(): Promise<void>;
}

export interface StartRealBeaconOptions {
  /** Folder of the YAML files, which are copied. Default: `tooling/peers/beacon_config`. */
  readonly config?: string | undefined;
  /** Folder of `bliss-server.sh`. Default: that of this file, where it is not part of a bundle. */
  readonly scripts?: string | undefined;
}

/** The Python of the environment with BLISS (`BEAMTIME_BLISS` names it, else the user's cache has it); undefined without. */
export function bliss(): string | undefined {
  const environment = environmentOfBliss();
  return existsSync(join(environment, ".ready")) ? join(environment, "bin/python") : undefined;
}

function environmentOfBliss(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return process.env["BEAMTIME_BLISS"] || join(cache, "beamtime-peers/bliss");
}

/** Starts the real server on free ports and waits until it answers. @throws Error with its log when it does not start */
export async function startRealBeacon(options: StartRealBeaconOptions = {}): Promise<RealBeacon> {
  const scripts = options.scripts ?? fileURLToPath(new URL(".", import.meta.url));
  const script = join(scripts, "bliss-server.sh");
  const config = options.config ?? join(scripts, "beacon_config");
  const directory = await mkdtemp(join(tmpdir(), "beamtime-beacon-"));
  await cp(config, join(directory, "config"), { recursive: true });
  const port = await freePorts(5);
  const env = { ...(await withRedisOnPath(directory)), PORT: String(port), BEAMTIME_BLISS: environmentOfBliss() };
  const log = join(directory, "beacon.log");
  const start = async (): Promise<void> => {
    await rm(log, { force: true });
    await run("bash", [script, "start", directory], { env });
    const text = await readFile(log, "utf8");
    if (!text.includes("Web server ready")) throw new Error(`the Beacon server of BLISS did not start:\n${text}`);
  };
  const stop = async (): Promise<void> => {
    const pid = Number(await readFile(join(directory, "beacon.pid"), "utf8").catch(() => "0"));
    if (pid > 0) await endSession(pid);
  };
  const dispose = async (): Promise<void> => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host: `localhost:${port}`,
    directory,
    restart: async () => {
      await stop();
      await start();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** The environment of this process, with `redis-server` on PATH also where only the set-up has unpacked one. */
async function withRedisOnPath(directory: string): Promise<NodeJS.ProcessEnv> {
  const { executable, env } = await findRedisServer();
  const bin = join(directory, "bin");
  await mkdir(bin);
  await symlink(executable, join(bin, "redis-server"));
  return { ...env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
}

/** Ends a process and all that it started: SIGTERM, and SIGKILL for what is still there after 10 s. */
async function endSession(leader: number): Promise<void> {
  for (let attempt = 0; attempt < 250; attempt++) {
    const left = await processesOfSession(leader);
    if (left.length === 0) return;
    if (attempt === 0) send(leader, "SIGTERM");
    if (attempt === 200) for (const pid of left) send(pid, "SIGKILL");
    await pause(50); // nobody tells when the child of a child has ended
  }
  throw new Error(`processes of the Beacon server ${leader} do not end`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

/** The living ones, zombies apart. */
async function processesOfSession(leader: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(session) === leader && state !== "Z") found.push(Number(name));
  }
  return found;
}

/** The first of `count` ports in a row that nobody listens on. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 1100) * 10; // below the ports that the system gives to clients
    const probes: Server[] = [];
    try {
      for (let index = 0; index < count; index++) {
        const probe = createServer().listen(first + index, "0.0.0.0");
        probes.push(probe);
        await once(probe, "listening");
      }
      return first;
    } catch {
      // one is taken: try others
    } finally {
      await Promise.all(probes.filter(({ listening }) => listening).map((probe) => once(probe.close(), "close")));
    }
  }
  throw new Error(`no ${count} free ports in a row`);
}
