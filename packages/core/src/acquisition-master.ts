import type { AcquisitionContext } from "./acquisition-context.js";
import { AcquisitionObject, type AcquisitionObjectOptions } from "./acquisition-object.js";

export interface AcquisitionMasterOptions extends AcquisitionObjectOptions {
  /** Whether the whole scan ends when this top master does. Default true. */
  readonly terminator?: boolean;
}

/** An acquisition object that triggers others: an axis, a timer, a camera. */
export abstract class AcquisitionMaster extends AcquisitionObject {
  terminator: boolean;

  constructor(options: AcquisitionMasterOptions) {
    super(options);
    this.terminator = options.terminator ?? true;
  }

  /**
   * Triggers every direct slave of trigger type `software`, in tree order, without waiting for them.
   *
   * @throws AcquisitionError when a slave is not ready, or its last trigger is not done: the overrun protection
   */
  protected triggerSlaves(_context: AcquisitionContext): void {
    throw new Error("not written");
  }

  /** Waits for the triggers of `triggerSlaves`. @throws the first failure among them */
  protected waitSlaves(_context: AcquisitionContext): Promise<void> {
    throw new Error("not written");
  }

  /** Waits until every slave below can be triggered again: for masters that trigger several times per iteration. */
  protected waitSlavesReady(_context: AcquisitionContext): Promise<void> {
    throw new Error("not written");
  }

  /** Waits until the direct slaves are prepared: for masters that need them, in a chain prepared in parallel. */
  protected waitSlavesPrepare(_context: AcquisitionContext): Promise<void> {
    throw new Error("not written");
  }
}
