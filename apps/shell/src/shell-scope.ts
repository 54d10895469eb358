import { systemClock } from "@beamtime/concurrency";
import type { Session } from "@beamtime/session";
import type { Screen } from "./live-positions.js";
import { lockCommands } from "./lock-commands.js";
import { motionCommands } from "./motion-commands.js";
import type { KeySource } from "./tweak.js";

/**
 * Every name that the prompt and scripts have: objects and commands of the session, the commands for axes, `session`
 * itself, and `sleep(seconds)`, which Ctrl-C ends.
 */
export function shellScope(
  session: Session,
  screen: Screen,
  keys: () => KeySource | undefined,
): Readonly<Record<string, unknown>> {
  return {
    ...motionCommands({ session, screen, keys }),
    ...lockCommands(session, screen.print),
    sleep: (seconds: number) => systemClock.sleep(seconds, { signal: session.signal }),
    session,
    ...session.env,
  };
}
