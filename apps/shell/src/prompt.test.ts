import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { deferred } from "@beamtime/concurrency";
import { ScanAbort } from "@beamtime/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Evaluator } from "./evaluator.js";
import { HistoryFile } from "./history-file.js";
import { Interruptible } from "./interruptible.js";
import { Prompt } from "./prompt.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-prompt-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** What a prompt answers when these lines are typed. */
async function answers(
  lines: readonly string[],
  names: Readonly<Record<string, unknown>> = {},
  history = new HistoryFile(join(directory, "any")),
): Promise<string> {
  let text = "";
  const output = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const input = new PassThrough();
  const prompt: Prompt = new Prompt({
    name: "demo",
    input,
    output,
    evaluator: new Evaluator({ ...names, lastError: () => prompt.lastError }),
    commands: new Interruptible({ running: new Set(), axes: [], abort: () => {} }, "Ctrl-D ends the session"),
    history,
    lines: [],
    trace: false,
  });
  input.end(lines.map((line) => `${line}\n`).join(""));
  await prompt.run();
  return text;
}

const fail = async (): Promise<never> => {
  throw new RangeError("roby cannot go to 200:\n limits are -100 and 100");
};

describe("the prompt", () => {
  it("shows values, and nothing for commands without a value", async () => {
    const text = await answers(["x = {a: 1}", "const y = 2", "'text'"]);
    expect(text).toContain("DEMO [4]: ");
    expect(text.match(/Out.*/g)).toEqual(["Out [1]: { a: 1 }", "Out [3]: 'text'"]);
  });

  it("shows an object that says what it is in its own words", async () => {
    class Axis {
      readonly inner = { many: "things" };
      toString(): string {
        return "Axis(roby, position=1 mm)";
      }
    }
    const values = [
      "roby",
      "[roby.inner]",
      "new Map([[1, 2]])",
      "new Date(0)",
      "Float64Array.of(1)",
      "Object.create(null)",
    ];
    expect((await answers(values, { roby: new Axis() })).match(/(?<=\]: ).+/g)).toEqual([
      "Axis(roby, position=1 mm)",
      "[ { many: 'things' } ]",
      "Map(1) { 1 => 2 }",
      "1970-01-01T00:00:00.000Z",
      "Float64Array(1) [ 1 ]",
      "[Object: null prototype] {}",
    ]);
  });

  it("takes several lines for one command, and asks for them with dots", async () => {
    const input = ["let sum = 0", "for (const x of [1, 2]) {", "  sum += x", "}", "sum"];
    expect(await answers(input)).toContain("Out [3]: 3");
    expect(await answers(["f(", "1)"], { f: (x: number) => x + 1 })).toContain("Out [1]: 2");
  });

  it("runs one command after the other, also when they are typed faster than they end", async () => {
    const order: string[] = [];
    const gate = deferred<void>();
    const slow = async (): Promise<void> => {
      await gate.promise;
      order.push("slow");
    };
    const typed = answers(["slow()", "fast()"], { slow, fast: () => void order.push("fast") });
    setImmediate(() => gate.resolve());
    await typed;
    expect(order).toEqual(["slow", "fast"]);
  });

  it("tells an error in one sentence, and its stack when it is asked for", async () => {
    const text = await answers(["fail()", "1 +* 2", "lastError().message", "fail()", ".trace"], { fail });
    expect(text).toContain("RangeError: roby cannot go to 200: limits are -100 and 100\n");
    expect(text).toMatch(/SyntaxError: Unexpected token.*\n/);
    expect(text.match(/^ +at .*prompt\.test\.ts.*$/m)).not.toBeNull();
    expect(text.indexOf("    at ")).toBeGreaterThan(text.lastIndexOf("RangeError: roby cannot go to 200: limits"));
  });

  it("ends at .exit, whatever follows", async () => {
    expect(await answers([".exit", "f()"], { f: () => expect.unreachable() })).not.toContain("Out");
  });

  it("keeps what was typed for the next time, newest first", async () => {
    const path = join(directory, "deep", "history");
    await answers(["1", "  ", "f(", "2)"], {}, new HistoryFile(path));
    expect(await readFile(path, "utf8")).toBe("1\nf(\n2)\n");
    expect(await new HistoryFile(path).load()).toEqual(["2)", "f(", "1"]);
  });
});

describe("interrupting a command", () => {
  const scan = { fullName: "ascan_12" };
  it("aborts what runs, waits for it, and tells what it was", async () => {
    const stopped = deferred<never>();
    const session = { running: new Set([scan]), axes: [], abort: (reason: unknown) => stopped.reject(reason) };
    // only `fullName` is used of a scan
    const commands = new Interruptible(session as never, "Ctrl-D ends the session");
    const outcome = commands.run(() => stopped.promise);
    expect(commands.interrupt()).toBe(true);
    expect(await outcome).toEqual({ kind: "interrupted", message: "Scan ascan_12 aborted" });
    expect(commands.interrupt()).toBe(false);
  });

  it("gives up waiting the second time, and ends what goes on then at its next call", async () => {
    const session = { running: new Set([scan]), axes: [], abort: () => {} };
    const commands = new Interruptible(session as never, "Ctrl-D ends the session"); // as above
    let left: AbortSignal | undefined;
    const outcome = commands.run((signal) => {
      left = signal;
      return new Promise(() => {});
    });
    commands.interrupt();
    expect(left?.aborted).toBe(false);
    commands.interrupt();
    expect((await outcome).kind).toBe("interrupted");
    expect(left?.reason).toBeInstanceOf(ScanAbort);
  });

  it("does not wait when nothing of the session runs", async () => {
    const commands = new Interruptible({ running: new Set(), axes: [], abort: () => {} }, "Ctrl-D ends the session");
    const outcome = commands.run(() => new Promise(() => {}));
    commands.interrupt();
    expect(await outcome).toEqual({ kind: "interrupted", message: "interrupted" });
  });

  it("keeps another error that came while a scan was aborted", async () => {
    const session = { running: new Set([scan]), axes: [], abort: () => {} };
    const commands = new Interruptible(session as never, "Ctrl-D ends the session"); // as above
    const failed = deferred<never>();
    const outcome = commands.run(() => failed.promise);
    commands.interrupt();
    failed.reject(new Error("the motor does not stop"));
    expect(await outcome).toMatchObject({ kind: "error", error: { message: "the motor does not stop" } });
  });
});
