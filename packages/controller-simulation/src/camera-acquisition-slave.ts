import { Gate } from "@beamtime/concurrency";
import {
  type AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionError,
  AcquisitionSlave,
  type ScanInfo,
} from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { ArgumentError } from "@beamtime/errors";
import { type CameraParameters, cameraParameters, type GivenCameraParameters } from "./camera-parameters.js";
import type { CameraFrame, SimulatedCamera } from "./simulated-camera.js";

/** The reason with which exposures end that nobody waits for any more. */
const stopped = Symbol("stopped");

/**
 * Takes frames with a camera, and emits those of its counters that are wanted.
 *
 * With an `INTERNAL_…` mode its master triggers it, with an `EXTERNAL_…` one its trigger line does. A trigger that comes while it
 * exposes fails the scan: from software as bad triggering of the master, from the line as an error of the camera. Triggers after the
 * last frame have no effect.
 *
 * @example
 * const params = { acq_nb_frames: 10, acq_expo_time: 0.3, acq_trigger_mode: "INTERNAL_TRIGGER_MULTI" } as const;
 * chain.add(master, new CameraAcquisitionSlave(camera, params));
 *
 * @see BLISS `bliss/scanning/acquisition/lima.py`, class `LimaAcquisitionMaster`
 */
export class CameraAcquisitionSlave extends AcquisitionSlave {
  readonly acqParams: CameraParameters;
  readonly #camera: SimulatedCamera;
  readonly #outputs: readonly [channel: AcquisitionChannel, value: keyof CameraFrame][];
  /** Open while it exposes, or must. */
  readonly #due = new Gate();
  readonly #idle = new Gate({ open: true });
  readonly #ending = new AbortController();
  /** When the triggers came for which no frame has been taken yet. */
  readonly #triggers: number[] = [];
  /** When it takes another trigger. */
  #busyUntil = Number.NEGATIVE_INFINITY;
  /** Triggers that it takes yet. */
  #left = 0;
  #unplug: (() => void) | undefined;

  /** @throws ArgumentError for parameters that do not fit, or an external trigger without a line */
  constructor(camera: SimulatedCamera, given: GivenCameraParameters, counters: readonly Counter[] = camera.counters) {
    const acqParams = cameraParameters(given);
    const isMulti = acqParams.acq_trigger_mode.endsWith("MULTI");
    super({
      name: camera.name,
      npoints: acqParams.acq_nb_frames,
      triggerType: acqParams.acq_trigger_mode.startsWith("INTERNAL") ? "software" : "hardware",
      pointTimeout: acqParams.acq_expo_time + acqParams.latency_time + camera.pointMargin,
      prepareOnce: isMulti,
      startOnce: isMulti,
      devices: [camera, ...counters],
      exclusive: [camera],
    });
    this.acqParams = acqParams;
    this.#camera = camera;
    this.#outputs = counters.map((counter) => [counter.createChannel(), counter.name as keyof CameraFrame]); // its own counters
    this.channels.push(...this.#outputs.map(([channel]) => channel));
    if (this.triggerType === "hardware" && !camera.line) {
      const message = `acq_trigger_mode of ${camera.name} is ${acqParams.acq_trigger_mode}, but nothing is plugged into its trigger input; expected an INTERNAL_… mode, or a line`;
      throw new ArgumentError("acq_trigger_mode", message);
    }
  }

  prepare(): void {}

  start(): void {
    this.#left = Math.ceil(this.npoints / this.#framesPerTrigger) || Number.POSITIVE_INFINITY;
    if (this.triggerType === "software") return;
    this.#unplug?.();
    this.#unplug = this.#camera.line?.onPulse(({ time }) => {
      // what counts is when the pulse came, not when this program hears of it
      if (time >= this.#busyUntil - 1e-9) this.#expose(time);
      else this.#ending.abort(this.#tooEarly());
    });
  }

  override trigger({ clock }: AcquisitionContext): void {
    if (!this.#idle.isOpen) throw this.#tooEarly();
    this.#expose(clock.now());
  }

  /** Whether it does not expose. */
  override triggerReady(): boolean {
    return this.#idle.isOpen;
  }

  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    if (!this.#idle.isOpen) return this.#idle.wait({ signal });
  }

  override async reading(context: AcquisitionContext): Promise<void> {
    if (this.#left === 0 && this.#triggers.length === 0) return; // another trigger, after the last one
    const { acq_nb_frames } = this.acqParams;
    const perTrigger = this.#framesPerTrigger;
    const inner = { ...context, signal: AbortSignal.any([context.signal, this.#ending.signal]) };
    try {
      for (let taken = 0; acq_nb_frames === 0 || taken < acq_nb_frames; taken += perTrigger) {
        await this.#due.wait(inner);
        let start = this.#triggers.shift() ?? inner.clock.now();
        for (let i = 0; i < perTrigger; i++) start = await this.#take(taken + i, start, inner);
        if (this.#triggers.length > 0) continue;
        this.#due.close();
        this.#idle.open();
      }
    } catch (error) {
      if (error !== stopped) throw error;
    } finally {
      this.#unplug?.();
      this.#idle.open();
    }
  }

  stop(): void {
    this.#unplug?.();
    this.#ending.abort(stopped);
  }

  override metadata(timing: "start" | "prepared" | "end"): ScanInfo | undefined {
    return timing === "end" ? { acq_parameters: this.acqParams } : undefined;
  }

  get #framesPerTrigger(): number {
    const { acq_nb_frames, acq_trigger_mode } = this.acqParams;
    return acq_trigger_mode.endsWith("MULTI") ? 1 : acq_nb_frames || Number.POSITIVE_INFINITY;
  }

  #expose(start: number): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const { acq_expo_time, latency_time } = this.acqParams;
    this.#busyUntil = start + this.#framesPerTrigger * (acq_expo_time + latency_time);
    this.#triggers.push(start);
    this.#idle.close();
    this.#due.open();
  }

  /** One frame, of an exposure that began at `start`. Gives the time at which the next one may begin: its latency is over. */
  async #take(frame: number, start: number, { clock, signal }: AcquisitionContext): Promise<number> {
    const { acq_expo_time, latency_time } = this.acqParams;
    const end = start + acq_expo_time;
    await clock.sleep(end - clock.now(), { signal });
    const taken = this.#camera.frameOf(frame, acq_expo_time);
    for (const [channel, value] of this.#outputs) channel.emit(taken[value]);
    if (latency_time > 0) await clock.sleep(end + latency_time - clock.now(), { signal });
    return end + latency_time;
  }

  #tooEarly(): AcquisitionError {
    const { acq_expo_time, latency_time } = this.acqParams;
    const busy = `${acq_expo_time} s of exposure${latency_time > 0 ? ` and ${latency_time} s of latency` : ""}`;
    return new AcquisitionError(
      this.name,
      `${this.name} was triggered while it took a frame (${busy}): trigger more slowly, or expose for less time`,
    );
  }
}
