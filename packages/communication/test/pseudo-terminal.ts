import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("pseudo_terminal.py", import.meta.url));

/** A serial port of which the test is the device. */
export interface PseudoTerminal extends AsyncDisposable {
  readonly path: string;
  /** What the line has sent, line by line. */
  readonly requests: AsyncIterator<string>;
  send(answer: string): void;
}

/** Makes a serial port by the Python of the tests. */
export async function openPseudoTerminal(python: string): Promise<PseudoTerminal> {
  const child = spawn(python, [script], { stdio: "pipe" });
  const ended = once(child, "close");
  const errors = createInterface({ input: child.stderr });
  const [path] = (await once(errors, "line")) as [string];
  return {
    path,
    requests: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    send: (answer) => void child.stdin.write(answer),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
