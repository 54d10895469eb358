import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../setup/project.mjs";

/** Runs the set-up with its output shown. @returns whether it succeeded */
export async function setUp(...options) {
  const child = spawn(process.execPath, [join(root, "tooling/setup/setup.mjs"), ...options], {
    cwd: root,
    stdio: "inherit",
  });
  const [code] = await once(child, "close");
  return code === 0;
}
