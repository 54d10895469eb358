import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with files, removed in the end. Nothing of the configuration is beside it. */
export interface ConfigFolder extends AsyncDisposable {
  /** The configuration's root. */
  readonly root: string;
  /** Outside of the root. */
  readonly outside: string;
  add(path: string, content: string | Uint8Array): Promise<void>;
}

export async function configFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<ConfigFolder> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "beamtime-config-")));
  const root = join(folder, "config");
  const outside = join(folder, "outside");
  await mkdir(root);
  await mkdir(outside);
  const add = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  for (const [path, content] of Object.entries(files)) await add(path, content);
  return { root, outside, add, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
