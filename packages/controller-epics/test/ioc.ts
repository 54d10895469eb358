import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** The Python with caproto; without it the tests that need it are skipped. */
export const python = process.env["BEAMTIME_PYTHON"] ?? "";

/** A record like those of real IOCs (`motor_ioc.py`), or the simulated one that comes with caproto. */
export type IocKind = "motor" | "fake";

const programs: Record<IocKind, readonly string[]> = {
  motor: [fileURLToPath(new URL("motor_ioc.py", import.meta.url))],
  fake: ["-m", "caproto.ioc_examples.fake_motor_record"],
};

/** An IOC in a process of its own, for tests; its records begin with `sim:`. */
export class Ioc implements AsyncDisposable {
  readonly address: string;
  readonly #process: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.address = `127.0.0.1:${port}`;
    this.#process = child;
  }

  /** Starts one and resolves when it answers; on the address of an earlier one, or on a free port. */
  static async start(kind: IocKind, address?: string): Promise<Ioc> {
    const port = address ? Number(address.split(":")[1]) : await freePort();
    const child = spawn(python, ["-u", ...programs[kind], "--prefix", "sim:", "--interfaces", "127.0.0.1"], {
      env: {
        ...process.env,
        EPICS_CA_SERVER_PORT: String(port),
        EPICS_CAS_BEACON_ADDR_LIST: "127.0.0.1",
        EPICS_CAS_AUTO_BEACON_ADDR_LIST: "NO",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    const ready = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          said.push(line);
          if (line.includes("Server startup complete")) resolve();
        });
      }
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the IOC ended with ${code}: ${said.join("\n")}`)));
    });
    await ready;
    return new Ioc(port, child);
  }

  /** Takes the process away as a power cut does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Makes it hear nothing and say nothing, its connections open; and go on. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** What comes in through a listener, to be waited for. */
export class Heard<T> {
  readonly all: T[] = [];
  #wake: (() => void) | undefined;

  readonly take = (value: T): void => {
    this.all.push(value);
    this.#wake?.();
  };

  /** Resolves with the first value heard, from the `from`-th on, for which it holds. */
  async until(holds: (value: T) => boolean, from = 0): Promise<T> {
    for (let next = from; ; next += 1) {
      while (next >= this.all.length) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const value = this.all[next] as T; // below the length
      if (holds(value)) return value;
    }
  }
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Error; // as just seen
}
