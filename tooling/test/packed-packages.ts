import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { root, run } from "./built-packages.js";

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const packSchema = z.array(z.object({ name: z.string(), filename: z.string() }));

/** The packages as users get them: tarballs by package name. */
export type Tarballs = ReadonlyMap<string, string>;

/** Packs every workspace that is published. */
export async function packAll(folder: string): Promise<Tarballs> {
  await mkdir(folder, { recursive: true });
  const args = ["pack", "--workspaces", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: root, maxBuffer: 2 ** 26 });
  const packed: unknown = JSON.parse(stdout);
  // npm 10 and 11 tell an array, later ones an object by name
  const list = packSchema.parse(Array.isArray(packed) ? packed : Object.values(packed ?? {}));
  return new Map(list.map(({ name, filename }) => [name, join(folder, filename)]));
}

/** The packages of ours that a program gets which depends on `names`. */
async function closureOf(names: readonly string[]): Promise<string[]> {
  const manifests = new Map<string, z.infer<typeof manifestSchema>>();
  for (const kind of ["packages", "apps"]) {
    for (const folder of await readdir(join(root, kind))) {
      const manifest = manifestSchema.parse(
        JSON.parse(await readFile(join(root, kind, folder, "package.json"), "utf8")),
      );
      manifests.set(manifest.name, manifest);
    }
  }
  const closure = new Set(names);
  for (const name of closure) {
    for (const dependency of Object.keys(manifests.get(name)?.dependencies ?? {})) {
      if (manifests.has(dependency)) closure.add(dependency);
    }
  }
  return [...closure].sort();
}

/** Installs packages of ours from their tarballs into an empty folder, the others from npm's cache if it has them all. */
export async function installInto(folder: string, names: readonly string[], tarballs: Tarballs): Promise<void> {
  await mkdir(folder, { recursive: true });
  const dependencies = Object.fromEntries(
    (await closureOf(names)).map((name) => [name, `file:${tarballs.get(name) ?? `${name} is not packed`}`]),
  );
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  const install = ["install", "--no-audit", "--no-fund"];
  const offline = run("npm", [...install, "--offline"], { cwd: folder });
  await offline.catch(() => run("npm", [...install, "--prefer-offline"], { cwd: folder }));
}

/** Checks the types of a program against the installed packages, with the compiler of the project, and translates it. */
export async function compileIn(folder: string, program: string): Promise<void> {
  await writeFile(join(folder, "main.ts"), await readFile(program, "utf8"));
  const compilerOptions = {
    strict: true,
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable"],
    module: "NodeNext",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  await run(join(root, "node_modules/.bin/tsc"), ["-p", folder]).catch((error: { stdout?: string }) => {
    throw new Error(`${program} does not compile:\n${error.stdout}`, { cause: error });
  });
}
