import { errorMessage } from "@beamtime/errors";
import { ConfigError } from "./config-error.js";
import type { ConfigProblem } from "./config-problem.js";
import { walkConfigFiles } from "./walk-config-files.js";

/** A YAML file of the configuration. */
export interface ConfigFile {
  /** Path from the configuration's root, with `/`. */
  readonly path: string;
  readonly content: string;
}

/** Port: where configuration files are kept, a Beacon server or a directory. Paths as in {@link ConfigFile}. */
export interface ConfigFiles {
  /** @throws when there is no such file */
  read(path: string): Promise<string>;
  /** Replaces the whole file. */
  write(path: string, content: string): Promise<void>;
}

const maxFiles = 10_000;

/**
 * Reads the `.yml` files of a directory, in the order of `walkConfigFiles`.
 *
 * @throws ConfigError when the directory cannot be read or holds too many files; files that cannot be read become problems
 */
export async function readConfigFiles(
  directory: string,
): Promise<{ readonly files: ConfigFile[]; readonly problems: ConfigProblem[] }> {
  const files: ConfigFile[] = [];
  const problems: ConfigProblem[] = [];
  const decoder = new TextDecoder();
  try {
    for await (const portion of walkConfigFiles(directory)) {
      for (const { path, content, problem } of portion) {
        if (problem === undefined) files.push({ path, content: decoder.decode(content) });
        else
          problems.push({ severity: "error", kind: "unreadable", file: path, message: `cannot be read: ${problem}` });
      }
      if (files.length > maxFiles) {
        throw new ConfigError(`${directory} holds more than ${maxFiles} configuration files`);
      }
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `the configuration ${directory} cannot be read: ${errorMessage(error)}`,
      {},
      { cause: error },
    );
  }
  return { files, problems };
}
