import type { BeamlineConfig, ConfigNode, ConfigProblem } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { checkScanSaving } from "@beamtime/scan-saving";

/**
 * What of the mappings `scan_saving` keeps sessions of a configuration from being opened, or has no effect; each mapping is
 * told once.
 *
 * @param sessions default: all of them
 */
export function scanSavingProblems(config: BeamlineConfig, sessions = config.sessions): readonly ConfigProblem[] {
  const problems = new Map<ConfigNode, readonly ConfigProblem[]>();
  for (const session of sessions) {
    let owner: ConfigNode | undefined = config.node(session);
    while (owner && (owner.value["scan_saving"] ?? undefined) === undefined) owner = owner.parent;
    const mapping = owner?.value["scan_saving"];
    if (!owner || !isMapping(mapping) || problems.has(owner)) continue;
    problems.set(owner, problemsOf(owner, mapping));
  }
  return [...problems.values()].flat();
}

function problemsOf(owner: ConfigNode, mapping: Readonly<Record<string, unknown>>): readonly ConfigProblem[] {
  const { file } = owner;
  try {
    return checkScanSaving(mapping).map((key) => {
      const message = `the key ${key} of scan_saving is unknown and has no effect`;
      return { severity: "warning", kind: "unknown-key", file, line: owner.lineOf(["scan_saving", key]), message };
    });
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const line = owner.lineOf(error.argument.split("."));
    return [{ severity: "error", kind: "bad-value", file, line, message: error.message }];
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
