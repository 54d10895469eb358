import type { z } from "zod";
import { ConfigError, keysText } from "./config-error.js";
import type { ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";

type Path = readonly (string | number)[];

/** Keys that the composition itself reads: an object's schema need not list them. */
const compositionKeys: ReadonlySet<string> = new Set(["plugin", "class", "module", "package", "name", "user_tag"]);

/**
 * Passes a mapping through its schema. Keys that a strict schema does not know are taken out and told to `report`.
 *
 * @throws ConfigError with the place of the first value that does not fit
 */
export function parseNode<T>(node: ConfigNode, schema: z.ZodType<T>, report: (problem: ConfigProblem) => void): T {
  let value: unknown = node.value;
  let result = schema.safeParse(value);
  while (!result.success && result.error.issues.every(({ code }) => code === "unrecognized_keys")) {
    value = structuredClone(value);
    for (const issue of result.error.issues) {
      if (issue.code !== "unrecognized_keys") continue;
      const path = pathOf(issue);
      const owner = at(value, path);
      for (const key of issue.keys) {
        if (isObject(owner)) delete owner[key];
        if (compositionKeys.has(key)) continue;
        const line = node.lineOf([...path, key]);
        const where = path.length === 0 ? "" : ` of ${keysText(path)}`;
        const message = `the key ${key}${where} is unknown and has no effect`;
        report({ severity: "warning", kind: "unknown-key", file: node.file, line, message });
      }
    }
    result = schema.safeParse(value);
  }
  if (result.success) return result.data;
  const issues = result.error.issues.filter(({ code }) => code !== "unrecognized_keys");
  const { path, sentence } = explain(issues, value, []);
  const more = issues.length - 1;
  throw placedError(node, path, more > 0 ? `${sentence} (and ${more} more)` : sentence, { cause: result.error });
}

/** An error at a value below a mapping. */
export function placedError(node: ConfigNode, path: Path, message: string, options?: { cause?: unknown }): ConfigError {
  const place = { file: node.file, line: node.lineOf(path), path: [...node.path, ...path] };
  return new ConfigError(message, place, options);
}

/** The first issue in words; of a union the branch that came furthest. */
function explain(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  above: Path,
): { readonly path: Path; readonly sentence: string } {
  const [issue] = issues;
  if (!issue) return { path: above, sentence: "it is not valid" };
  const path = [...above, ...pathOf(issue)];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const depth = (branch: readonly z.core.$ZodIssue[]): number => branch[0]?.path.length ?? 0;
    const furthest = issue.errors.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
    if (depth(furthest) > 0) return explain(furthest, value, path);
  }
  const given = at(value, path);
  const expectation = issue.message.replace(/^Invalid input: /, "").replace(/, received .*$/, "");
  if (given === undefined) return { path, sentence: `missing, ${expectation}` };
  const text = typeof given === "number" ? String(given) : JSON.stringify(given)?.slice(0, 60); // also not finite ones
  return { path, sentence: `${expectation}, not ${text}` };
}

function pathOf(issue: z.core.$ZodIssue): (string | number)[] {
  return issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
