import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("icepap_simulator.py", import.meta.url));

/** A simulated IcePAP in a process of its own. */
export interface IcepapSimulator extends AsyncDisposable {
  readonly host: string;
  /** Makes it answer no more, for a while; what it is sent meanwhile it hears after. Returns the way back. */
  silence(): () => void;
}

/** Starts the simulator of PyPI by the Python of the tests. Its axes go at 1000 steps/s, and take 0.1 s to do so. */
export async function startIcepapSimulator(python: string, addresses: readonly number[]): Promise<IcepapSimulator> {
  const child = spawn(python, [script, ...addresses.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const port = await Promise.race([
    once(createInterface({ input: child.stdout }), "line").then(([line]) => String(line)),
    ended.then(() => Promise.reject(new Error(`${python} ${script} did not start: see its words above`))),
  ]);
  return {
    host: `127.0.0.1:${port}`,
    silence() {
      child.kill("SIGSTOP");
      return () => void child.kill("SIGCONT");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGCONT");
      child.stdin.end();
      await ended;
    },
  };
}
