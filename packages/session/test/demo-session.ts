import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@beamtime/config";
import { openSession, type Session, type SessionOptions } from "../src/index.js";

const demo = new URL("../../../demo", import.meta.url).pathname;

/** The demo's session with a private Redis and a folder of its own for data; both go when it is disposed of. */
export async function openDemoSession(options: Partial<SessionOptions> = {}): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), "beamtime-session-"));
  const session = await openSession({
    name: "demo_session",
    config: await loadConfig(demo),
    redis: "private",
    ...options,
  });
  session.scanSaving.setParameter("base_path", folder);
  return Object.assign(Object.create(session) as Session, {
    async [Symbol.asyncDispose]() {
      try {
        await session[Symbol.asyncDispose]();
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  });
}
