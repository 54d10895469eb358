import { describe, expect, it } from "vitest";
import { awaitCalls, IncompleteCode } from "./await-calls.js";
import { Evaluator } from "./evaluator.js";

const log: string[] = [];

class FakeScan {
  readonly name: string;
  state = "IDLE";
  constructor(name: string) {
    this.name = name;
  }
  async run(): Promise<this> {
    await Promise.resolve();
    this.state = "DONE";
    log.push(`${this.name} ran`);
    return this;
  }
  async getData(): Promise<number[]> {
    return [1, 2, 3];
  }
}

function evaluator(): Evaluator {
  log.length = 0;
  return new Evaluator({
    diode: { name: "diode" },
    ascan: async (name: string, options: { run?: boolean } = {}) => {
      const scan = new FakeScan(name);
      return options.run === false ? scan : scan.run();
    },
    fail: async () => {
      throw new TypeError("no beam");
    },
    nothing: async () => undefined,
    log: async (text: unknown) => void log.push(String(text)),
    async *walk() {
      yield 1;
      yield 2;
    },
    SCANS: [new FakeScan("old")],
  });
}

/** Runs lines one after the other; the value of the last. */
async function session(...lines: string[]): Promise<unknown> {
  const shell = evaluator();
  let value: unknown;
  for (const line of lines) value = await shell.evaluate(line);
  return value;
}

describe("what is typed at the prompt", () => {
  it.each<[string, string[], unknown]>([
    ["awaits a call", ["ascan('a').state"], "DONE"],
    ["awaits each call of a chain", ["SCANS.at(-1).getData().map((x) => x * 2)"], [2, 4, 6]],
    ["keeps an assigned name for the next line", ["s = ascan('a', {run: false})", "s.run()", "s.state"], "DONE"],
    ["keeps const for the next line", ["const s = ascan('a')", "s.state"], "DONE"],
    ["lets a const be declared again", ["const x = 1", "const x = 2", "x"], 2],
    [
      "keeps each name of a declaration",
      ["let a = 1, b, [c, ...d] = [3, 4], {e = 5} = {}", "[a, b, c, d, e]"],
      [1, undefined, 3, [4], 5],
    ],
    [
      "keeps functions, which call themselves",
      ["function fac(n: number): number { return n < 2 ? 1 : n * fac(n - 1) }", "fac(4)"],
      24,
    ],
    ["takes functions before they are declared", ["const x = twice(2); function twice(n) { return 2 * n }", "x"], 4],
    ["keeps classes", ["class A { v = 7 }", "new A().v"], 7],
    ["lets functions see later names", ["const get = () => later", "later = 5", "get()"], 5],
    [
      "awaits in loops and branches",
      ["let n = 0; for (let i = 0; i < 3; i++) { if (ascan('a').state === 'DONE') n++ }", "n"],
      3,
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the prompt gets the template
    ["awaits in template texts", ["`${ascan('a').state}!`"], "DONE!"],
    ["goes through asynchronous iterators", ["const all = []; for (const x of walk()) all.push(x)", "all"], [1, 2]],
    ["takes types", ["const x: number = 3 as number; interface P { a: string }", "x satisfies number"], 3],
    ["takes an object as an object", ["{a: 1}"], { a: 1 }],
    ["takes a block as a block", ["{ let q = 1; log(q) }"], undefined],
    ["takes an explicit await", ["await ascan('a')", "(await ascan('b')).name"], "b"],
    ["separates lines without semicolons", ["const x = 1\nlog(x)\nascan('a')\n(2)"], undefined],
    ["starts a line with an awaited call", ["let x = 1\nascan('a').name"], "a"],
    ["ends an optional chain at nothing", ["nothing()?.run().getData()[0]"], undefined],
    ["ends an optional chain at nothing in the middle", ["const o = {}; o.f?.().g().h[0](ascan('never'))"], undefined],
    ["follows an optional chain to its end", ["SCANS[0]?.getData().at(1)"], 2],
    ["never gives a promise", ["new Promise((resolve) => resolve(4))"], 4],
    ["does not await inside functions", ["const f = () => ascan('a')", "f.toString()"], "() => ascan('a')"],
    [
      "imports packages",
      ["import { sep as separator } from 'node:path'; import * as path from 'node:path'", "separator === path.sep"],
      true,
    ],
    ["imports on the way", ["import('node:path').sep"], "/"],
    ["imports inside functions", ["const f = async () => (await import('node:path')).sep", "f()"], "/"],
    [
      "shares arrays and errors with the program",
      ["[[] instanceof Array, new Error('x') instanceof Error]"],
      [true, true],
    ],
    ["gives nothing for a declaration", ["const x = 5"], undefined],
    ["gives nothing for a comment", ["// nothing"], undefined],
  ])("%s", async (_, lines, expected) => {
    if (lines[0]?.endsWith("(2)")) await expect(session(...lines)).rejects.toThrow("is not a function");
    else expect(await session(...lines)).toEqual(expected);
    expect(log).not.toContain("never ran");
  });

  it("runs in the order in which it is written", async () => {
    await session("ascan('a'); log('then')\nascan('b')");
    expect(log).toEqual(["a ran", "then", "b ran"]);
  });

  it("does not wait for the operand of void", async () => {
    const shell = evaluator();
    await shell.evaluate("void ascan('a'); log('first')");
    expect(log).toEqual(["first", "a ran"]);
  });

  it("ends code that is no longer wanted at its next call, even where it catches everything", async () => {
    const abort = new AbortController();
    const shell = new Evaluator({ count: () => ++calls, abort: () => abort.abort(new Error("enough")) });
    let calls = 0;
    const endless = "for (;;) { try { if (count() === 3) abort() } catch (error) { if (calls > 9) throw error } }";
    await expect(shell.evaluate(endless.replace("calls", "count()"), { signal: abort.signal })).rejects.toThrow(
      "enough",
    );
    expect(calls).toBeLessThan(9);
  });

  it("rejects with what a call rejects with, and can catch it", async () => {
    await expect(session("fail()")).rejects.toThrow("no beam");
    expect(await session("let m; try { fail() } catch (e) { m = e.message }", "m")).toBe("no beam");
  });

  it.each([
    "diode = 3",
    "const diode = 3",
    "let {diode} = {diode: 1}",
    "function diode() {}",
    "class diode {}",
    "diode++",
    "for (diode of [1]);",
  ])("protects the session's objects: %s", async (line) => {
    const shell = evaluator();
    await expect(shell.evaluate(line)).rejects.toThrow("diode is protected and can not be modified!");
    expect(await shell.evaluate("diode.name")).toBe("diode");
  });

  it.each([
    "ascan(",
    "for (const x of [1]) {",
    "`text",
    "/* note",
    "const x =",
    "try { log() }",
    "if (1)\n",
    "a +",
    "f = () => {\n log(1)",
  ])("asks for more lines after %j", (text) => {
    expect(() => awaitCalls(text)).toThrow(IncompleteCode);
  });

  it.each(["a b", "foo)", "'abc", "else", "return 3", "using x = f()"])("refuses %j", (text) => {
    expect(() => awaitCalls(text)).toThrow(SyntaxError);
    expect(() => awaitCalls(text)).not.toThrow(IncompleteCode);
  });

  it("leaves the program's globals alone", async () => {
    await session("const leaked = 1; other = 2");
    expect(Reflect.get(globalThis, "leaked")).toBeUndefined();
    expect(Reflect.get(globalThis, "other")).toBeUndefined();
  });

  it("shadows a global without changing it", async () => {
    expect(await session("const name = 'x', fetch = 3", "fetch")).toBe(3);
    expect(typeof fetch).toBe("function");
  });
});
