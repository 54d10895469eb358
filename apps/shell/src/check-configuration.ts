import { type ConfigError, type ConfigProblem, checkConfig, loadConfig } from "@beamtime/config";
import { scanSavingProblems, sessionPlugins } from "@beamtime/session";
import type { CheckLine } from "./command-line.js";

/**
 * `beamtime check`: prints what is wrong in a configuration, one line for each problem.
 *
 * @returns 0, or 1 when there are errors; with `strict` when there is anything
 */
export async function checkConfiguration(line: CheckLine, out: (text: string) => void): Promise<number> {
  const config = await loadConfig(line.directory);
  const packages: ConfigProblem[] = [];
  const plugins = await sessionPlugins(config, { onError: (error) => packages.push(problemOf(error)) });
  const problems = [...config.problems, ...packages, ...checkConfig(config, plugins), ...scanSavingProblems(config)];
  for (const problem of problems) out(`${sentence(problem)}\n`);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  out(`${line.directory}: ${config.names.length} names, ${count(errors, "error")}, ${count(warnings, "warning")}\n`);
  return errors > 0 || (line.strict && warnings > 0) ? 1 : 0;
}

/** Of a package that makes no objects. */
function problemOf({ file = "", line, detail }: ConfigError): ConfigProblem {
  return { severity: "error", kind: "unknown-class", file, line, message: detail };
}

function sentence({ severity, file, line, message }: ConfigProblem): string {
  return `${line === undefined ? file : `${file}:${line}`}: ${severity}: ${message}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
