import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@beamtime/concurrency";
import { type ConfigError, loadConfig } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPlugins } from "./plugin-packages.js";

let directory: string;

/** Installs a package as npm would; one that is imported tells so. */
async function install(name: string, manifest: object, source: string): Promise<void> {
  const path = join(directory, "node_modules", name);
  await mkdir(join(path, "dist"), { recursive: true });
  await writeFile(join(path, "package.json"), JSON.stringify({ name, type: "module", ...manifest }));
  await writeFile(
    join(path, "dist/main.js"),
    `globalThis.imported = [...(globalThis.imported ?? []), "${name}"];\n${source}`,
  );
}

const imported = (): unknown => Reflect.get(globalThis, "imported");

const source = `
class Foo { constructor(name) { this.name = name; } }
export const beamtimePlugins = [{
  plugin: "bliss", class: "simulation_diode",
  schema: { safeParse: (value) => ({ success: true, data: value }) },
  create: ({ config }) => ({ [config.name]: new Foo(config.name) }),
}];
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-plugins-"));
  const keywords = ["beamtime-plugin"];
  const exports = { ".": { types: "./dist/main.d.ts", default: "./dist/main.js" } };
  await install("@acme/beamtime-foo", { keywords, exports }, source);
  await install("unmarked", { exports }, source);
  await install("empty", { keywords, main: "dist/main.js" }, "export const beamtimePlugins = [{ plugin: 'bliss' }];");
  await install("outside", { keywords, exports: "../empty/dist/main.js" }, source);
  const peerDependencies = { "@beamtime/motion": "^0.1.0" };
  await install("strange", { keywords, exports, peerDependencies }, source);
  await install("@beamtime/motion", {}, "");
  await install("broken", { keywords, exports: "./dist/main.js" }, "throw new Error('no licence');");
});
afterAll(() => rm(directory, { recursive: true }));

const configOf = (name: string) =>
  loadConfig([
    {
      path: "a.yml",
      content: `
- {name: x, plugin: bliss, class: simulation_diode, package: ${JSON.stringify(name)}}
- {name: y, plugin: bliss, class: simulation_diode}
- {name: z, plugin: bliss, class: simulation_diode, package: bliss.controllers.simulation_diode}
`,
    },
  ]);

describe("plugins of packages that a configuration names", () => {
  it("make the objects that name the package, and no others of the same class", async () => {
    const config = await configOf("@acme/beamtime-foo");
    const plugins = await findPlugins(config, { from: join(directory, "beamline/config") });
    await using objects = config.objects({ plugins: [...simulationPlugins, ...plugins], clock: new VirtualClock() });
    const classes = await Promise.all(["x", "y", "z"].map(async (name) => (await objects.get(name))?.constructor.name));
    expect(classes).toEqual(["Foo", "SimulatedCounter", "SimulatedCounter"]);
    expect(imported()).toEqual(["@acme/beamtime-foo"]);
  });

  it.each([
    ["@acme/nix", "the package @acme/nix is not installed: run npm install @acme/nix in"],
    ["unmarked", "is no plugin package: its package.json lacks the keyword beamtime-plugin"],
    ["empty", "has no plugins: expected an export beamtimePlugins"],
    ["outside", "leads out of itself"],
    ["broken", "no licence"],
    ["strange", "uses another copy of @beamtime/motion ("],
    ["./local.js", "is no name of an npm package"],
    ["../empty", "is no name of an npm package"],
    ["@acme/../empty", "is no name of an npm package"],
    ["empty/dist/main.js", "is no name of an npm package"],
    ["/tmp/evil.js", "is no name of an npm package"],
    ["file:///tmp/evil.js", "is no name of an npm package"],
    ["data:text/javascript,0", "is no name of an npm package"],
    ["fs", "is no name of an npm package"],
    ["node:fs", "is no name of an npm package"],
  ])("are refused with their place: %s", async (name, message) => {
    const config = await configOf(name);
    await expect(findPlugins(config, { from: directory })).rejects.toThrow(`a.yml:2 ([0].package): `);
    await expect(findPlugins(config, { from: directory })).rejects.toThrow(message);
    expect(imported()).not.toContain("unmarked");
    expect(imported()).not.toContain("strange");
    const errors: ConfigError[] = [];
    expect(await findPlugins(config, { from: directory, onError: (error) => void errors.push(error) })).toEqual([]);
    expect(errors).toHaveLength(1);
  });
});
