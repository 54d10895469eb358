import { posix } from "node:path";
import { z } from "zod";
import type { ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";
import { isMeasurementGroup } from "./measurement-group-config.js";
import { parseNode, placedError } from "./parse-node.js";

/** What a session has, as its mapping says. */
export interface SessionConfig {
  readonly name: string;
  /** Names of its objects, those of included sessions first, each once, in order. All of them exist in the configuration. */
  readonly objects: readonly string[];
  /** Path of the setup file from the configuration's root, with `/`. */
  readonly setupFile: string | undefined;
  readonly aliases: readonly { readonly originalName: string; readonly aliasName: string }[];
  /** The session's `scan_saving`, else the root's, else empty. */
  readonly scanSaving: Readonly<Record<string, unknown>>;
  /** What is wrong without making the session unusable: unknown names and keys. */
  readonly problems: readonly ConfigProblem[];
}

const namesSchema = z.array(z.string()).nullish();

const sessionSchema = z.strictObject({
  name: z.string(),
  "setup-file": z.string().nullish(),
  "config-objects": namesSchema,
  "exclude-objects": namesSchema,
  "include-sessions": namesSchema,
  aliases: z.array(z.strictObject({ original_name: z.string(), alias_name: z.string() })).nullish(),
  scan_saving: z.record(z.string(), z.unknown()).nullish(),
  "default-userscript-dir": z.unknown().optional(),
  "icat-metadata": z.unknown().optional(),
  synoptic: z.unknown().optional(),
});

const scanSavingSchema = z.record(z.string(), z.unknown());

/**
 * Reads the session that a node describes.
 *
 * @param nodes every named node of the configuration
 * @throws ConfigError when its mapping has a value of a wrong type, or sessions include each other in a circle
 */
export function parseSession(
  node: ConfigNode,
  nodes: ReadonlyMap<string, ConfigNode>,
  including: readonly ConfigNode[] = [],
): SessionConfig {
  const problems: ConfigProblem[] = [];
  const report = (problem: ConfigProblem): void => void problems.push(problem);
  const config = parseNode(node, sessionSchema, report);
  const warn = (key: string, kind: ConfigProblem["kind"], message: string): void =>
    report({ severity: "warning", kind, file: node.file, line: node.lineOf([key]), message });

  const objects = new Set<string>();
  for (const name of config["include-sessions"] ?? []) {
    const other = nodes.get(name);
    const chain = [...including, node];
    if (!other || !isSession(other)) {
      warn("include-sessions", "unknown-name", `there is no session ${name} to include`);
    } else if (chain.includes(other)) {
      const circle = [...chain, other].map((session) => session.name).join(" → ");
      throw placedError(node, ["include-sessions"], `sessions include each other in a circle: ${circle}`);
    } else {
      for (const object of parseSession(other, nodes, chain).objects) objects.add(object);
    }
  }
  const listed = config["config-objects"];
  for (const name of listed ?? nodes.keys()) {
    const object = nodes.get(name);
    if (!object) warn("config-objects", "unknown-name", `there is no object ${name}: left out`);
    else if (object.plugin === "session" && !isMeasurementGroup(object)) {
      if (listed)
        warn("config-objects", "unsupported", `${name} is a session: left out, include-sessions includes one`);
    } else if (listed || object.plugin !== "default") objects.add(name);
  }
  for (const name of config["exclude-objects"] ?? []) objects.delete(name);

  return {
    name: config.name,
    objects: [...objects],
    setupFile: setupFileOf(node, config["setup-file"]),
    aliases: (config.aliases ?? []).map((alias) => ({
      originalName: alias.original_name,
      aliasName: alias.alias_name,
    })),
    scanSaving: config.scan_saving ?? scanSavingSchema.catch({}).parse(node.inherited("scan_saving") ?? {}),
    problems,
  };
}

/** Whether a node describes a session. */
export function isSession(node: ConfigNode): boolean {
  return node.plugin === "session" && node.value["class"] === "Session";
}

function setupFileOf(node: ConfigNode, given: string | null | undefined): string | undefined {
  if (!given) return undefined;
  const path = posix.normalize(given.startsWith("./") ? posix.join(posix.dirname(node.file), given) : given);
  const inside = path.replace(/^\/+/, "");
  if (inside.startsWith("../"))
    throw placedError(node, ["setup-file"], `${given} is not below the configuration's root`);
  return inside;
}
