import { systemClock } from "@beamtime/concurrency";
import type { Session } from "@beamtime/session";
import { commandHelp, describeCommands } from "./command-help.js";
import { lockCommands } from "./lock-commands.js";
import { motionCommands } from "./motion-commands.js";
import type { Screen } from "./screen.js";
import type { KeySource } from "./tweak.js";
import { valueText } from "./value-text.js";

/**
 * Every name that the prompt and scripts have: objects and commands of the session, the commands for axes, `session`
 * itself, `sleep(seconds)`, which Ctrl-C ends, `print` and `help`.
 */
export function shellScope(
  session: Session,
  screen: Screen,
  keys: () => KeySource | undefined,
): Readonly<Record<string, unknown>> {
  return describeCommands({
    ...motionCommands({ session, screen, keys }),
    ...lockCommands(session, screen.print),
    sleep: (seconds: number) => systemClock.sleep(seconds, { signal: session.signal }),
    print: (...values: unknown[]) => screen.print(`${values.map(printed).join(" ")}\n`),
    help: (...topics: unknown[]) => screen.print(commandHelp(topics)),
    session,
    ...session.env,
  });
}

function printed(value: unknown): string {
  return typeof value === "string" ? value : valueText(value);
}
