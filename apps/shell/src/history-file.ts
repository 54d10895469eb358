import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const capacity = 1000;

/** The lines typed in a session, kept for the next time. What cannot be read or written is let go: it is a comfort. */
export class HistoryFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** In the user's state directory. */
  static forSession(session: string, env: NodeJS.ProcessEnv): HistoryFile {
    const state = env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
    return new HistoryFile(join(state, "beamtime", `history-${session.replaceAll(/[^\w-]/g, "_")}`));
  }

  /** Newest first, as readline wants them. */
  async load(): Promise<string[]> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    if (lines.length > 2 * capacity) this.#write(() => writeFile(this.#path, `${lines.slice(-capacity).join("\n")}\n`));
    return lines.slice(-capacity).reverse();
  }

  add(text: string): void {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length === 0) return;
    this.#write(async () => {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, `${lines.join("\n")}\n`, { mode: 0o600 });
    });
  }

  /** Resolves when everything is written. */
  saved(): Promise<void> {
    return this.#writing;
  }

  #write(task: () => Promise<void>): void {
    this.#writing = this.#writing.then(task).catch(() => {});
  }
}
