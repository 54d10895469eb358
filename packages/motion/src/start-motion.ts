import { deferred } from "@beamtime/concurrency";
import type { AxisDrive } from "./axis-drive.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** How a motion is waited for. */
export interface MotionOptions extends ControllerCallOptions {
  /** False: resolve as soon as the motion has begun; `waitMove` then tells how it ended. Default true. */
  readonly wait?: boolean | undefined;
}

/** Starts a motion, and waits for its end or only for its beginning. */
export async function startMotion(
  drives: readonly AxisDrive[],
  { signal, wait = true }: MotionOptions,
  run: (options: ControllerCallOptions & { readonly onStarted: () => void }) => Promise<void>,
): Promise<void> {
  const started = deferred<void>();
  const ended = run({ signal, onStarted: () => started.resolve() });
  if (wait) return await ended;
  await Promise.race([ended, started.promise]);
  const unawaited = { ended, isTold: false };
  for (const drive of drives) drive.unawaited = unawaited;
  ended.catch(() => {}); // waitMove tells
}

/** Resolves when axes are at rest. @throws what went wrong in the motion that nobody has waited for yet: to one who waits */
export async function waitForRest(drives: readonly AxisDrive[], options: ControllerCallOptions): Promise<void> {
  for (const drive of drives) await drive.idle.wait(options);
  for (const drive of drives) {
    const { unawaited } = drive;
    drive.unawaited = undefined;
    if (!unawaited) await drive.standstill(options);
    if (!unawaited || unawaited.isTold) continue;
    unawaited.isTold = true;
    await unawaited.ended;
  }
}
