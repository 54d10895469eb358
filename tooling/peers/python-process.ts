import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { bliss } from "./real-beacon.js";

/** A Python program with the real BLISS, which is talked to in lines. Killed on dispose, if it has not ended. */
export class PythonProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = "";

  /** @param beacon `host:port` of the Beacon server, for BEACON_HOST */
  constructor(program: string, beacon: string, ...args: string[]) {
    this.#child = spawn(bliss() ?? "python", ["-u", "-W", "ignore", "-c", program, ...args], {
      env: { ...process.env, BEACON_HOST: beacon },
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.stdin.on("error", () => {}); // it has ended, which `line` tells
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, "close");
  }

  /** The next line that it prints. @throws Error with what it said to stderr when it has ended */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    await this.#ended;
    throw new Error(`the Python process has ended with exit code ${this.#child.exitCode}\n${this.#errors}`);
  }

  /** Gives it a line to read. */
  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
