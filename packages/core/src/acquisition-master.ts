import { ArgumentError } from "@beamtime/errors";
import type { DType, NdArray } from "@beamtime/protocol";
import { AcquisitionChannel } from "./acquisition-channel.js";
import type { AcquisitionContext } from "./acquisition-context.js";
import { AcquisitionError } from "./acquisition-error.js";
import { AcquisitionObject, type AcquisitionObjectOptions } from "./acquisition-object.js";
import { addLink } from "./channel-link.js";
import { runtimeOf } from "./object-runtime.js";

/** How a master emits again what another object emits. */
export interface ExternalChannelOptions {
  /** Short name here. Default the one there. */
  readonly rename?: string;
  /** Applied to each block; its result is emitted. */
  readonly conversion?: (block: NdArray) => NdArray;
  /** Default the one there. */
  readonly dtype?: DType;
}

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
  protected triggerSlaves(context: AcquisitionContext): void {
    runtimeOf(this).triggerSlaves(context);
  }

  /** Waits for the triggers of `triggerSlaves`. @throws the first failure among them */
  protected waitSlaves(_context: AcquisitionContext): Promise<void> {
    return runtimeOf(this).waitSlaves();
  }

  /** Waits until every slave below can be triggered again: for masters that trigger several times per iteration. */
  protected waitSlavesReady(context: AcquisitionContext): Promise<void> {
    return runtimeOf(this).waitSlavesReady(context);
  }

  /** Waits until the direct slaves are prepared: for masters that need them, in a chain prepared in parallel. */
  protected waitSlavesPrepare(_context: AcquisitionContext): Promise<void> {
    return runtimeOf(this).waitSlavesPrepare();
  }

  /**
   * Emits again, under this master, what a channel of another object emits: from the first prepare until the stop.
   * @throws ArgumentError when the device has no channel of that name
   */
  addExternalChannel(device: AcquisitionObject, channel: string, options: ExternalChannelOptions = {}): void {
    const source = device.channels.find(({ shortName, fullname }) => shortName === channel || fullname === channel);
    if (!source) {
      const names = device.channels.map(({ shortName }) => shortName).join(", ") || "none";
      throw new ArgumentError("channel", `${device.name} has no channel '${channel}'; it has ${names}`);
    }
    const { rename = source.shortName, dtype = source.dtype, conversion } = options;
    const copy = new AcquisitionChannel(`${this.name}:${rename}`, dtype, source.shape, {
      unit: source.unit ?? undefined,
      reference: source.reference,
      nodeType: source.nodeType,
    });
    this.channels.push(copy);
    addLink(this, {
      connect: () => {
        copy.shape = source.shape;
        return source.onData(({ npoints, pointShape, data }) => {
          const block: NdArray = { dtype: source.dtype, shape: [npoints, ...pointShape], data };
          copy.emit(conversion ? conversion(block) : block);
        });
      },
    });
  }

  /**
   * Makes the channels of a master above emit in step with a channel of this one: at each point of it the last value of
   * the upper channels is emitted, so that all have equal lengths. The upper master emits one point at a time, before
   * this one.
   *
   * @throws ArgumentError when this master has no such channel
   */
  attachChannels(upperMaster: AcquisitionMaster, toChannelName: string): void {
    const lower = this.channels.find(({ shortName, fullname }) => [shortName, fullname].includes(toChannelName));
    if (!lower) throw new ArgumentError("toChannelName", `${this.name} has no channel '${toChannelName}'`);
    addLink(this, {
      connect: () => {
        if (!isAncestor(upperMaster, this)) {
          throw new AcquisitionError(this.name, `${upperMaster.name} is not above ${this.name}: it cannot be attached`);
        }
        const detaches = upperMaster.channels.map((channel) => channel.attachTo(lower));
        return () => {
          for (const detach of detaches) detach();
        };
      },
    });
  }
}

function isAncestor(upper: AcquisitionMaster, object: AcquisitionObject): boolean {
  for (let parent = object.parent; parent; parent = parent.parent) if (parent === upper) return true;
  return false;
}
