import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { root, run } from "./built-packages.js";

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const otherSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

const packSchema = z.array(z.object({ name: z.string(), filename: z.string() }));

/** The packages as users get them: tarballs by package name. */
export type Tarballs = ReadonlyMap<string, string>;

/** Packs every workspace that is published. */
export async function packAll(folder: string): Promise<Tarballs> {
  await mkdir(folder, { recursive: true });
  const args = ["pack", "--workspaces", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: root, maxBuffer: 2 ** 26 });
  return packedInto(folder, stdout);
}

/** What `npm pack --json` says that it has made in a folder. */
function packedInto(folder: string, stdout: string): Tarballs {
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

/**
 * Installs packages of ours from their tarballs into an empty folder, the others from npm's cache if it has them all.
 * Beside them may be tarballs of others, by name.
 */
export async function installInto(
  folder: string,
  names: readonly string[],
  tarballs: Tarballs,
  others: Tarballs = new Map(),
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ours = (await closureOf(names)).map((name) => [name, tarballs.get(name) ?? `${name} is not packed`] as const);
  const dependencies = Object.fromEntries([...ours, ...others].map(([name, tarball]) => [name, `file:${tarball}`]));
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
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  await compileProject(folder);
}

/** Compiles a folder as its `tsconfig.json` says, with the compiler of the project. @throws Error with what it says */
async function compileProject(folder: string): Promise<void> {
  const args = ["-p", folder, "--typeRoots", join(root, "node_modules/@types")];
  await run(join(root, "node_modules/.bin/tsc"), args).catch((error: { stdout?: string }) => {
    throw new Error(`${folder} does not compile:\n${error.stdout}`, { cause: error });
  });
}

/** Checks, translates and packs a package of others in a folder where only what it declares is installed. */
export async function packOther(source: string, folder: string, tarballs: Tarballs): Promise<Tarballs> {
  const manifest = otherSchema.parse(JSON.parse(await readFile(join(source, "package.json"), "utf8")));
  const declared = { ...manifest.peerDependencies, ...manifest.dependencies, ...manifest.devDependencies };
  await installInto(
    folder,
    Object.keys(declared).filter((name) => tarballs.has(name)),
    tarballs,
  );
  await cp(source, folder, { recursive: true });
  await compileProject(folder);
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts"], { cwd: folder });
  return packedInto(folder, stdout);
}
