import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { terminalText } from "./terminal-text.js";

const program = fileURLToPath(new URL("../dist/beamtime.js", import.meta.url));
const terminal = fileURLToPath(new URL("terminal.py", import.meta.url));

/** Python for terminals; any will do. */
export const python = process.env["BEAMTIME_PYTHON"] ?? "python3";

/** A folder of files, the session `lab` among them, and where the programs started in it keep theirs. Removed in the end. */
export interface ShellFolder extends AsyncDisposable {
  readonly path: string;
  /** Starts `beamtime` with these arguments. */
  start(args: readonly string[], options?: ShellOptions): ShellProgram;
}

interface ShellOptions {
  /** On a terminal so wide, instead of pipes. */
  readonly columns?: number;
}

/** `beamtime` under test. It is killed when it is disposed of. */
export interface ShellProgram extends AsyncDisposable {
  readonly out: string;
  readonly err: string;
  /** Resolves with the match once stdout has it behind `from`. @throws Error with the output when the program ends before */
  seen(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** The same for what the terminal shows of it. */
  shows(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** Types, without Enter. */
  type(text: string): void;
  /** Types a command at the prompt, and resolves with all that is shown until the next prompt. */
  ask(command: string): Promise<string>;
  /** The same for what is typed while a command runs. */
  answered(text: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

/** @param files contents by path */
export async function makeShellFolder(files: Readonly<Record<string, string>>): Promise<ShellFolder> {
  const path = await mkdtemp(join(tmpdir(), "beamtime-shell-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const started: ShellProgram[] = [];
  return {
    path,
    start(args, options) {
      const program = startShell(path, args, options);
      started.push(program);
      return program;
    },
    async [Symbol.asyncDispose]() {
      for (const program of started) await program[Symbol.asyncDispose](); // a test that is late disposes of nothing
      await rm(path, { recursive: true, force: true });
    },
  };
}

function startShell(cwd: string, args: readonly string[], { columns }: ShellOptions = {}): ShellProgram {
  const env = { ...process.env, XDG_STATE_HOME: join(cwd, "state"), FORCE_COLOR: "0" };
  const line = [process.execPath, program, ...args];
  const [command = "", ...rest] = columns === undefined ? line : [python, terminal, String(columns), ...line];
  const child = spawn(command, rest, { cwd, env });
  const text = { out: "", err: "" };
  const listeners = new Set<() => void>();
  for (const [stream, key] of [[child.stdout, "out"] as const, [child.stderr, "err"] as const]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text[key] += chunk;
      for (const listener of listeners) listener();
    });
  }
  let isOver = false;
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    isOver = true;
    for (const listener of listeners) listener();
    return code ?? null;
  });
  const enter = columns === undefined ? "\n" : "\r";
  const type = (typed: string): void => void child.stdin.write(typed);
  const found = (pattern: RegExp, textOf: () => string): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(textOf());
        if (!match && !isOver) return;
        listeners.delete(look);
        if (match) resolve(match);
        else reject(new Error(`it ended without ${pattern}:\n${text.out}\n${text.err}`));
      };
      listeners.add(look);
      look();
    });
  const seen = (pattern: RegExp, from = 0): Promise<RegExpExecArray> => found(pattern, () => text.out.slice(from));
  const answered = async (typed: string): Promise<string> => {
    const from = text.out.length;
    const [, number = "1"] = [...text.out.matchAll(/\[(\d+)\]: /g)].at(-1) ?? [];
    type(typed);
    const { index } = await seen(new RegExp(`LAB \\[${Number(number) + 1}\\]: `), from);
    return text.out.slice(from, from + index);
  };
  return {
    get out() {
      return text.out;
    },
    get err() {
      return text.err;
    },
    seen,
    shows: (pattern, from = 0) => found(pattern, () => terminalText(text.out.slice(from))),
    type,
    ask: (asked) => answered(asked + enter),
    answered,
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}
