import { ProtocolError } from "@beamtime/protocol";

/** Folders in folders; more is no configuration. */
const maxDepth = 100;

/** The paths of the files in an answer to "what is there": objects for folders, null for files. @throws ProtocolError */
export function namesOfTree(json: string, base: string): string[] {
  const names: string[] = [];
  const visit = (tree: unknown, folder: string, depth: number): void => {
    if (tree === null) names.push(folder);
    else if (typeof tree === "object" && !Array.isArray(tree) && depth <= maxDepth) {
      for (const [name, below] of Object.entries(tree)) visit(below, folder ? `${folder}/${name}` : name, depth + 1);
    } else throw new ProtocolError("told names that are no tree of folders and files");
  };
  visit(parsed(json), base.replace(/^\/+|\/+$/g, ""), 0);
  return names.sort();
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ProtocolError("told names that are no JSON", { cause });
  }
}
