import type { BeamlineConfig, ConfigNode, ConfigProblem } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { checkScanSaving } from "@beamtime/scan-saving";

/** What of the mappings `scan_saving` keeps sessions of a configuration from being opened; each mapping is told once. */
export function scanSavingProblems(config: BeamlineConfig): readonly ConfigProblem[] {
  const problems = new Map<ConfigNode, ConfigProblem>();
  for (const session of config.sessions) {
    let owner: ConfigNode | undefined = config.node(session);
    while (owner && (owner.value["scan_saving"] ?? undefined) === undefined) owner = owner.parent;
    const mapping = owner?.value["scan_saving"];
    if (!owner || !isMapping(mapping) || problems.has(owner)) continue;
    try {
      checkScanSaving(mapping);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      const line = owner.lineOf(error.argument.split("."));
      problems.set(owner, { severity: "error", kind: "bad-value", file: owner.file, line, message: error.message });
    }
  }
  return [...problems.values()];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
