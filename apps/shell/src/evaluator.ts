import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { awaitCalls, importName, valueName } from "./await-calls.js";
import { ProtectedName } from "./protected-name.js";

/**
 * Runs what is typed, in the realm of the program but with names of its own: those given are protected, those that
 * the user makes can be changed.
 *
 * The names are a scope between the code and the globals (`contextExtensions`), not another context: arrays, errors
 * and plain objects typed at the prompt are those that the commands test for.
 */
export class Evaluator {
  readonly #scope: Record<string, unknown> = Object.create(null);
  readonly #protected: Readonly<Record<string, unknown>>;

  constructor(names: Readonly<Record<string, unknown>>) {
    this.#protected = names;
    for (const [name, value] of Object.entries(names)) {
      Object.defineProperty(this.#scope, name, {
        enumerable: true,
        get: () => value,
        set: () => {
          throw new ProtectedName(name);
        },
      });
    }
    Object.defineProperty(this.#scope, importName, { value: importFromHere });
  }

  /** Everything in scope, the user's own names included: for completion. Values of accessors are not asked for. */
  get names(): readonly string[] {
    return Object.keys(this.#scope);
  }

  /** The value of a name as far as it is known without running code. */
  peek(name: string): unknown {
    if (Object.hasOwn(this.#protected, name)) return this.#protected[name];
    return Object.getOwnPropertyDescriptor(this.#scope, name)?.value ?? Reflect.get(globalThis, name);
  }

  /**
   * The value of the last expression, awaited. When the signal aborts, the code ends at its next call: until then it
   * goes on, for nothing can interrupt it.
   *
   * @throws IncompleteCode when the code ends in the middle, SyntaxError when it is wrong, and whatever it throws itself
   */
  async evaluate(typed: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<unknown> {
    const { body, names } = awaitCalls(typed);
    const run = compileFunction(`return (async () => {${body}\n})();`, [valueName], {
      contextExtensions: [this.#scope],
      filename: "prompt",
    }) as (value: (value: unknown) => unknown) => Promise<unknown>; // what the text above declares
    for (const name of names) if (!(name in this.#scope)) this.#scope[name] = undefined;
    return run((value) => {
      signal?.throwIfAborted();
      return value;
    });
  }
}

/** Modules by relative path from the current directory; packages from there, else those that the shell knows. */
async function importFromHere(specifier: string): Promise<unknown> {
  const here = pathToFileURL(`${resolve(".")}/`);
  if (/^\.{0,2}\//.test(specifier)) return import(new URL(specifier, here).href);
  let found: string;
  try {
    found = createRequire(here).resolve(specifier);
  } catch {
    return import(specifier);
  }
  return import(found.startsWith("/") ? pathToFileURL(found).href : found);
}
