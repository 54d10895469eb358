import { spawn } from "node:child_process";
import { once } from "node:events";
import { root } from "./built-packages.js";

/** A program under test. It is killed when it is disposed of. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed so far. */
  readonly output: string;
  /** Resolves with the match as soon as the output has it. @throws Error with the output when the program ends before */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly isOver: boolean;
  /** Exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts Node on a file of the repository. */
export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProgram {
  return startCommand(process.execPath, args, env);
}

/** Starts any program in the root of the repository. */
export function startCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProgram {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  let isOver = false;
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    isOver = true;
    for (const listener of listeners) listener();
    return code ?? null;
  });
  return {
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    get isOver() {
      return isOver;
    },
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (!match && !isOver) return;
          listeners.delete(look);
          if (match) resolve(match);
          else reject(new Error(`it ended without printing ${pattern}:\n${output}`));
        };
        listeners.add(look);
        look();
      }),
    ended,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}
