import { access } from "node:fs/promises";
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ArgumentError } from "@beamtime/errors";
import { ProtectedName } from "./protected-name.js";

/**
 * Runs a script, TypeScript or JavaScript, as a module: its statements, then the function that it exports by default, if
 * any, called with `names`. The names are globals for it and for what it imports; they cannot be assigned. Names that
 * Node has already are left to Node, and are found in the argument only.
 *
 * May be called once in a process: a module runs once, and the globals stay.
 *
 * @param args what the script finds in `process.argv` after its own path
 * @throws ArgumentError when there is no such file, and whatever the script throws
 */
export async function runScript(
  script: string,
  args: readonly string[],
  names: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const path = resolve(script);
  try {
    await access(path);
  } catch (error) {
    throw new ArgumentError("script", `there is no script ${path}`, { cause: error });
  }
  for (const [name, value] of Object.entries(names)) {
    if (name in globalThis) continue;
    Object.defineProperty(globalThis, name, {
      enumerable: true,
      get: () => value,
      set: () => {
        throw new ProtectedName(name);
      },
    });
  }
  register("./typescript-hooks.js", import.meta.url);
  process.argv = [process.execPath, path, ...args];
  const module: unknown = await import(pathToFileURL(path).href);
  if (typeof module !== "object" || module === null || !("default" in module)) return undefined;
  return typeof module.default === "function" ? await module.default(names) : undefined;
}
