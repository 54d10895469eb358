import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bliss } from "./real-beacon.js";

/** A session of real BLISS 1.11 in a process of its own. */
export interface BlissSession extends AsyncDisposable {
  readonly pid: number;
  /** Runs Python in it, one command after the other. @returns the value of an expression, as JSON has it */
  run(code: string): Promise<unknown>;
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
}

/** Opens a session of real BLISS on the Beacon server of that address. @throws Error with what it printed when it cannot */
export async function openBlissSession(name: string, beacon: string): Promise<BlissSession> {
  const script = fileURLToPath(new URL("bliss_session.py", import.meta.url));
  const python = bliss();
  if (!python) throw new Error("BLISS is not installed: tooling/peers/setup.sh bliss");
  const child = spawn(python, ["-W", "ignore", script, name], {
    env: { ...process.env, BEACON_HOST: beacon, TANGO_HOST: "" },
  });
  const ended = once(child, "close");
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-10_000);
  });
  const outcomes: ((outcome: Outcome) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("\x1e"))
      outcomes.shift()?.(JSON.parse(line.slice(1)) as Outcome); // written by our script
    else printed = `${printed}${line}\n`.slice(-10_000);
  });
  const next = async (): Promise<unknown> => {
    const answer = new Promise<Outcome>((resolve) => outcomes.push(resolve));
    const gone = ended.then((): Outcome => ({ error: `BLISS has ended:\n${printed}` }));
    const { value, error } = await Promise.race([answer, gone]);
    if (error !== undefined) throw new Error(printed ? `${error}; BLISS has printed:\n${printed}` : error);
    return value;
  };
  const session: BlissSession = {
    pid: child.pid ?? 0,
    run: async (code) => {
      child.stdin.write(`${JSON.stringify(code)}\n`);
      return await next();
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
  try {
    await next();
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
