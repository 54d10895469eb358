import { systemClock } from "@beamtime/concurrency";
import type { Session } from "@beamtime/session";
import { lockCommands } from "./lock-commands.js";
import { motionCommands } from "./motion-commands.js";

/**
 * Every name that the prompt and scripts have: objects and commands of the session, the commands for axes, `session`
 * itself, and `sleep(seconds)`, which Ctrl-C ends.
 */
export function shellScope(session: Session, print: (text: string) => void): Readonly<Record<string, unknown>> {
  return {
    ...motionCommands(session, print),
    ...lockCommands(session, print),
    sleep: (seconds: number) => systemClock.sleep(seconds, { signal: session.signal }),
    session,
    ...session.env,
  };
}
