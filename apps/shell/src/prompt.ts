import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";
import { deferred } from "@beamtime/concurrency";
import { awaitCalls, IncompleteCode } from "./await-calls.js";
import { completer } from "./completer.js";
import { errorSentence, errorTrace } from "./error-report.js";
import type { Evaluator } from "./evaluator.js";
import type { HistoryFile } from "./history-file.js";
import type { Interruptible } from "./interruptible.js";
import type { Key, KeySource } from "./tweak.js";
import { valueText } from "./value-text.js";

export interface PromptOptions {
  /** Shown in capitals: `DEMO_SESSION [1]: `. */
  readonly name: string;
  readonly input: Readable;
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly evaluator: Evaluator;
  readonly commands: Interruptible;
  readonly history: HistoryFile;
  /** What was typed before, newest first. */
  readonly lines: string[];
  /** Errors are shown with their stacks. */
  readonly trace: boolean;
  /** Aborting it ends the prompt. */
  readonly signal?: AbortSignal | undefined;
}

const help = `
  Commands are JavaScript or TypeScript; calls are awaited: mv(roby, 1.5)
  help()        lists the commands            Tab      completes names
  mv?           tells of one (or help(mv))    Ctrl-C   stops what moves and runs
  void f()      starts f and goes on          Ctrl-D   ends the session (or .exit)
  lastError()   the last error, with stack    Up       what was typed before
`;

/**
 * The interactive prompt: reads commands, runs them one after the other, shows values and errors.
 *
 * Made of a readline and not of `node:repl`, because that one turns on the async hooks of `domain`, which makes every
 * promise of the process an order of magnitude slower, scans included.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #readline: Interface;
  readonly #lines: string[] = [];
  #wake = deferred<void>();
  #isClosed = false;
  #buffer = "";
  #count = 1;
  #lastError: unknown;

  constructor(options: PromptOptions) {
    this.#options = options;
    const { input, output, evaluator, signal } = options;
    this.#readline = createInterface({
      input,
      output,
      terminal: output.isTTY === true,
      history: options.lines,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: completer(evaluator),
    });
    this.#readline.on("line", (line) => {
      this.#lines.push(line);
      this.#wake.resolve();
    });
    this.#readline.on("SIGINT", () => this.interrupt());
    const end = (): void => {
      this.#isClosed = true;
      this.#wake.resolve();
    };
    this.#readline.on("close", end);
    // a terminal that was closed fails at the next reading, and when readline gives it back
    this.#readline.on("error", end);
    if (signal?.aborted) this.#readline.close();
    else signal?.addEventListener("abort", () => this.#readline.close(), { once: true });
  }

  /** The error of the last command that failed; undefined when none did. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** What is typed, key by key, for a command that asks for it; undefined without a terminal. */
  get keys(): KeySource | undefined {
    if (!this.#readline.terminal) return undefined;
    const { input } = this.#options;
    return (listener) => {
      const usual = input.listeners("keypress");
      const hear = (_text: string | undefined, key: Key): void => {
        if (key.ctrl && key.name === "c") this.interrupt();
        else listener(key);
      };
      input.removeAllListeners("keypress").on("keypress", hear);
      return () => {
        if (!input.listeners("keypress").includes(hear)) return; // once
        input.removeListener("keypress", hear);
        for (const its of usual) input.on("keypress", its as (...args: unknown[]) => void); // as it was
      };
    };
  }

  /** Reads and runs commands until the input ends or the user leaves. */
  async run(): Promise<void> {
    for (;;) {
      this.#ask();
      const line = await this.#nextLine();
      if (line === undefined) break;
      if (this.#buffer === "" && line.trim() === ".exit") break;
      await this.#take(line);
    }
    if (this.#isClosed && this.#readline.terminal) this.#print("\n");
    this.#readline.close();
    await this.#options.history.saved();
  }

  /** Ctrl-C: aborts what runs; else empties the line. */
  interrupt(): void {
    if (this.#options.commands.interrupt()) return;
    if (this.#readline.line === "" && this.#buffer === "") {
      const stops = this.#options.commands.moving.map(({ name }) => `${name} moves: ${name}.stop() stops it; `);
      this.#print(`\n(${stops.join("")}to end the session type .exit or press Ctrl-D)\n`);
    } else {
      this.#print("\n");
    }
    this.#buffer = "";
    if (this.#readline.terminal && !this.#isClosed) {
      // readline has no other way to empty its line
      this.#readline.write(null, { ctrl: true, name: "e" });
      this.#readline.write(null, { ctrl: true, name: "u" });
    }
    this.#ask();
  }

  /** Tells of something that went wrong outside of a command. */
  report(error: unknown): void {
    this.#lastError = error;
    const text = this.#options.trace ? errorTrace(error) : errorSentence(error);
    this.#print(`${this.#options.output.isTTY ? styleText("red", text) : text}\n`);
  }

  async #take(line: string): Promise<void> {
    const { evaluator, commands, history, output } = this.#options;
    const text = this.#buffer === "" ? line : `${this.#buffer}\n${line}`;
    if (text.trim() === ".trace") this.#print(`${errorTrace(this.#lastError ?? "no command has failed yet")}\n`);
    else if (text.trim() === ".help") this.#print(help);
    if (/^\s*(\.trace|\.help)?\s*$/.test(text)) return;
    const code = text.replace(/^\s*([\w$.]+)\s*\?\s*$/, "help($1)");
    try {
      awaitCalls(code);
    } catch (error) {
      if (error instanceof IncompleteCode) {
        this.#buffer = text;
        return;
      }
    }
    this.#buffer = "";
    history.add(text);
    const outcome = await commands.run((signal) => evaluator.evaluate(code, { signal }));
    if (outcome.kind === "error") this.report(outcome.error);
    else if (outcome.kind === "interrupted") this.#print(`${outcome.message}\n`);
    if (outcome.kind !== "error" && outcome.value !== undefined) {
      const value = valueText(outcome.value, { colors: output.isTTY === true });
      this.#print(`  Out [${this.#count}]: ${value}\n`);
    }
    this.#count += 1;
  }

  #ask(): void {
    const prompt = `${this.#options.name.toUpperCase()} [${this.#count}]: `;
    this.#readline.setPrompt(this.#buffer === "" ? prompt : "...: ".padStart(prompt.length));
    if (!this.#isClosed && this.#lines.length === 0) this.#readline.prompt();
  }

  async #nextLine(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#isClosed) {
      await this.#wake.promise;
      this.#wake = deferred();
    }
    return this.#lines.shift();
  }

  #print(text: string): void {
    this.#options.output.write(text);
  }
}
