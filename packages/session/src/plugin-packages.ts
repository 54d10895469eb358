import { readFile, realpath } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BeamlineConfig, ConfigError, type ConfigNode, type ConfigPlugin } from "@beamtime/config";
import { errorMessage } from "@beamtime/errors";

export interface FindPluginsOptions {
  /** The packages installed for this directory are meant: its `node_modules`, and those of the directories above it. */
  readonly from: string;
  /** Hears of packages that cannot be used, and the others are taken. Default: the first such package is thrown. */
  readonly onError?: ((error: ConfigError) => void) | undefined;
}

/** What `package.json` must have among its keywords: without it nothing of a package is executed. */
const keyword = "beamtime-plugin";

/** What an npm package may be called: no path, no URL, no file inside a package. */
const npmName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** A session knows objects by the classes of these: there must be one of each. */
const shared = ["@beamtime/core", "@beamtime/counters", "@beamtime/motion"];

/** `bliss.controllers.mca`: what BLISS names is no package of ours. */
const pythonModule = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

/**
 * The plugins of the npm packages that a configuration names (`package: "@acme/beamtime-foo"` beside `class`): what their
 * export `beamtimePlugins` lists. Only installed packages that carry the keyword `beamtime-plugin` are imported, whatever
 * the configuration says. Their plugins make objects of mappings that name the package, and no others.
 *
 * @throws ConfigError with the place in the configuration when a package is not installed, is no plugin package, cannot be
 * imported, or makes axes and counters by another copy of Beamtime than that of the session
 */
export async function findPlugins(
  config: BeamlineConfig,
  { from, onError }: FindPluginsOptions,
): Promise<readonly ConfigPlugin[]> {
  const plugins: ConfigPlugin[] = [];
  for (const [name, node] of namedPackages(config)) {
    try {
      plugins.push(...(await importPlugins(name, resolve(from))));
    } catch (error) {
      const place = { file: node.file, line: node.lineOf(["package"]), path: [...node.path, "package"] };
      const refused = new ConfigError(errorMessage(error), place, { cause: error });
      if (!onError) throw refused;
      onError(refused);
    }
  }
  return plugins;
}

/** Each package once, with the first mapping that names it. */
function namedPackages(config: BeamlineConfig): ReadonlyMap<string, ConfigNode> {
  const packages = new Map<string, ConfigNode>();
  for (const name of config.names) {
    for (let node: ConfigNode | undefined = config.node(name); node; node = node.parent) {
      const { package: given, class: wanted } = node.value;
      if (typeof given !== "string" || wanted === undefined || pythonModule.test(given)) continue;
      if (!packages.has(given)) packages.set(given, node);
    }
  }
  return packages;
}

async function importPlugins(name: string, from: string): Promise<readonly ConfigPlugin[]> {
  if (!npmName.test(name) || isBuiltin(name))
    throw new Error(`${name} is no name of an npm package; expected one such as @acme/beamtime-foo`);
  const { directory, manifest } = await findInstalled(name, from);
  const { keywords, exports, main } = manifest;
  if (!Array.isArray(keywords) || !keywords.includes(keyword))
    throw new Error(`the package ${name} is no plugin package: its package.json lacks the keyword ${keyword}`);
  const entry = entryOf(exports) ?? (typeof main === "string" ? main : "index.js");
  const path = resolve(directory, entry);
  if (!path.startsWith(join(directory, "/"))) throw new Error(`the package ${name} leads out of itself: ${entry}`);
  await refuseCopies(name, directory, manifest);
  // what a plugin package exports is not known before it is looked at
  const module = (await import(pathToFileURL(path).href)) as { readonly beamtimePlugins?: unknown };
  const { beamtimePlugins: plugins } = module;
  if (!Array.isArray(plugins) || !plugins.every(isPlugin))
    throw new Error(`the package ${name} has no plugins: expected an export beamtimePlugins, a list of ConfigPlugin`);
  return plugins.map((plugin) => ({
    plugin: plugin.plugin,
    class: plugin.class,
    package: name,
    schema: plugin.schema,
    create: (item, tools) => plugin.create(item, tools),
  }));
}

/** @throws Error when a package gets other classes than the session has: its objects would be unknown here */
async function refuseCopies(
  name: string,
  directory: string,
  { dependencies, peerDependencies }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(join(await realpath(directory), "package.json"));
  for (const needed of shared) {
    if (![dependencies, peerDependencies].some((list) => isRecord(list) && Object.hasOwn(list, needed))) continue;
    const [expected, found] = [ours, theirs].map((from) => dirname(from.resolve(`${needed}/package.json`)));
    if (found === expected) continue;
    throw new Error(
      `the package ${name} uses another copy of ${needed} (${found}) than this session (${expected}), which would not know ` +
        `its objects: install @beamtime/shell and ${name} in one folder, where ${name} has ${needed} as a peer dependency`,
    );
  }
}

async function findInstalled(
  name: string,
  from: string,
): Promise<{ readonly directory: string; readonly manifest: Readonly<Record<string, unknown>> }> {
  for (let above = from; ; above = dirname(above)) {
    const directory = join(above, "node_modules", name);
    const text = await readFile(join(directory, "package.json"), "utf8").catch(() => undefined);
    if (text !== undefined) {
      const manifest: unknown = JSON.parse(text);
      return { directory, manifest: isRecord(manifest) ? manifest : {} };
    }
    if (above === dirname(above)) break;
  }
  throw new Error(`the package ${name} is not installed: run npm install ${name} in ${from}`);
}

/** The file that an ES module of Node gets from `exports` of a package. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (Array.isArray(exports)) return entryOf(exports[0]);
  if (!isRecord(exports)) return undefined;
  if (Object.hasOwn(exports, ".")) return entryOf(exports["."]);
  const condition = Object.keys(exports).find((key) => ["node", "import", "module-sync", "default"].includes(key));
  return condition === undefined ? undefined : entryOf(exports[condition]);
}

function isPlugin(value: unknown): value is ConfigPlugin {
  return (
    isRecord(value) &&
    typeof value["plugin"] === "string" &&
    typeof value["class"] === "string" &&
    typeof value["create"] === "function" &&
    isRecord(value["schema"]) &&
    typeof value["schema"]["safeParse"] === "function"
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
