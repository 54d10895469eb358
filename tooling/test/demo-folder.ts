import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./built-packages.js";

/** A folder with a copy of the demo's configuration, whose data go there too. Removed in the end. */
export interface DemoFolder extends AsyncDisposable {
  readonly path: string;
  /** Directory of the configuration. */
  readonly config: string;
}

export async function makeDemoFolder(): Promise<DemoFolder> {
  const path = await mkdtemp(join(tmpdir(), "beamtime-demo-"));
  const config = join(path, "config");
  await cp(join(root, "demo"), config, { recursive: true });
  await appendFile(join(config, "__init__.yml"), `scan_saving:\n  base_path: ${join(path, "data")}\n`);
  return { path, config, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
