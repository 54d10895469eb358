import type { LiveValues } from "@beamtime/core";
import type { PlainValue } from "@beamtime/protocol";
import { lowestVelocity, unlessRefused } from "./axis-arguments.js";
import { type AxisChannelName, AxisChannels } from "./axis-channels.js";
import type { AxisDrive } from "./axis-drive.js";
import { axisFields } from "./axis-fields.js";
import type { AxisMemory } from "./axis-memory.js";
import { AxisState } from "./axis-state.js";

/** Seconds after which another process that was moving the axis, and tells nothing any more, is thought dead. */
const patience = 2;

/** What None means in BLISS. */
const noLimits: Partial<Record<AxisChannelName, number>> = {
  low_limit: Number.NEGATIVE_INFINITY,
  high_limit: Number.POSITIVE_INFINITY,
  velocity_low_limit: 0,
  velocity_high_limit: Number.POSITIVE_INFINITY,
};

/** One axis for all who have it: the next process finds it in the memory, the others of now in the channels. */
export class AxisSharing {
  readonly #drive: AxisDrive;
  readonly #memory: AxisMemory | undefined;
  readonly #live: LiveValues | undefined;
  #channels: AxisChannels | undefined;
  /** When another process last told of a motion of its own. */
  #remoteMotion: number | undefined;
  #isHearing = false;

  constructor(
    drive: AxisDrive,
    { memory, live }: { readonly memory: AxisMemory | undefined; readonly live: LiveValues | undefined },
  ) {
    this.#drive = drive;
    this.#memory = memory;
    this.#live = live;
  }

  /** Whether other processes are told at once. */
  get isLive(): boolean {
    return this.#channels !== undefined;
  }

  /** Whether another process moves the axis now, as far as it tells. */
  get isMovedElsewhere(): boolean {
    return this.#remoteMotion !== undefined && this.#drive.clock.now() - this.#remoteMotion < patience;
  }

  /**
   * Whether what changes now is what another process has told: what follows from it, as the position of an axis that is calculated with
   * this one, is that one's to tell. Both telling it would tell different things while the parts of one change arrive.
   */
  get isHearing(): boolean {
    return this.#isHearing || this.isMovedElsewhere;
  }

  /** Changes what another process has told, or what follows from it, when that is so. */
  hearing(change: () => void, isHeard: boolean): void {
    const before = this.#isHearing;
    this.#isHearing ||= isHeard;
    try {
      change();
    } finally {
      this.#isHearing = before;
    }
  }

  /** Takes part from now on. */
  join(): void {
    const { name, clock } = this.#drive;
    if (!this.#live || this.#channels) return;
    this.#channels = new AxisChannels({
      axis: name,
      live: this.#live,
      clock,
      saved: async () => this.#memory?.saved(),
      onChange: (field, value) => this.hearing(() => this.#hear(field, value), true),
    });
    const { velocityLimits } = this.#drive.dynamics;
    this.#channels.assume(axisFields(this.#drive), velocityLimits, this.#drive.state);
  }

  /** Tells what is new. */
  tell(): void {
    if (!this.#memory && !this.#channels) return;
    const { velocityLimits } = this.#drive.dynamics;
    const fields = axisFields(this.#drive);
    this.#memory?.remember(fields, velocityLimits);
    this.#channels?.tell(fields, velocityLimits, this.#drive.state);
  }

  /** Resolves when everything is in the store and told. */
  async told(): Promise<void> {
    await this.#memory?.saved();
    await this.#channels?.told();
  }

  /** This process moves the axis now, or knows better where it is. */
  ownMotion(): void {
    this.#remoteMotion = undefined;
  }

  /** A motion begins: a stop that was asked for before does not mean it. */
  clearStop(): void {
    this.#channels?.clearStop();
  }

  /** Asks the process that moves the axis to stop it. */
  requestStop(): void {
    this.#channels?.requestStop();
  }

  #hear(field: AxisChannelName, value: PlainValue): void {
    this.#memory?.forget(field);
    const isBusy = !this.#drive.idle.isOpen;
    if (field === "move_stop") {
      if (value === true && isBusy) void this.#drive.stop({}).catch(() => {}); // the move tells what goes wrong
    } else if (field === "state") {
      if (!isBusy) this.#hearState(statesOf(value));
    } else if (value === null) {
      const limit = noLimits[field];
      if (limit !== undefined) this.#hearSetting(field, limit);
    } else if (typeof value === "number") {
      if (field === "dial_position" || field === "_set_position") {
        if (!isBusy) this.#hearPlace(field, value);
      } else this.#hearSetting(field, value);
    }
  }

  #hearState(flags: readonly string[]): void {
    if (flags.length === 0) return;
    this.#remoteMotion = flags.includes("MOVING") ? this.#drive.clock.now() : undefined;
    this.#drive.adoptState(new AxisState(flags));
  }

  #hearPlace(field: "dial_position" | "_set_position", value: number): void {
    if (field === "_set_position") this.#drive.setPoint = value;
    // where a calculated axis is follows from others, of which the same process tells
    else if (!this.#drive.controller.realAxes) this.#drive.adoptPlace(value);
    if (this.#remoteMotion !== undefined) this.#remoteMotion = this.#drive.clock.now();
  }

  #hearSetting(field: AxisChannelName, value: number): void {
    const { coordinates, dynamics } = this.#drive;
    const [low, high] = coordinates.keptLimits;
    const [slowest, fastest] = dynamics.velocityLimits;
    const set: Partial<Record<AxisChannelName, () => void>> = {
      offset: () =>
        this.#count(() => {
          coordinates.offset = value;
        }),
      sign: () =>
        this.#count(() => {
          coordinates.sign = value < 0 ? -1 : 1;
        }),
      backlash: () => {
        this.#drive.backlash = value;
      },
      low_limit: () => {
        coordinates.keptLimits = [value, high];
      },
      high_limit: () => {
        coordinates.keptLimits = [low, value];
      },
      // of two new ones either may come first
      velocity_low_limit: () => {
        const low = lowestVelocity(value);
        dynamics.velocityLimits = [low, Math.max(low, fastest)];
      },
      velocity_high_limit: () => {
        dynamics.velocityLimits = [Math.min(slowest, value), value];
      },
      velocity: () => {
        dynamics.velocity = value;
      },
      acceleration: () => {
        dynamics.acceleration = value;
      },
      jog_velocity: () => {
        dynamics.jogVelocity = value;
      },
    };
    unlessRefused(() => set[field]?.());
  }

  /** Positions are counted otherwise. Where the axis was sent is told by itself, before or after. */
  #count(change: () => void): void {
    const { setPoint } = this.#drive;
    this.#drive.adoptCount(change);
    this.#drive.setPoint = setPoint;
  }
}

/** The states that a process tells: those of BLISS as a list, or one as a text. */
function statesOf(value: PlainValue): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}
