import { ArgumentError } from "@beamtime/errors";
import { CalcController, type CalcControllerOptions } from "@beamtime/motion";

/** Where the legs of a table are, seen from one centre of rotation, m: `ax`, `bx`, …; 0 where it is not said. */
export type LegPlaces = Readonly<Record<string, number>>;

export interface LegsOptions<Leg extends string> extends CalcControllerOptions<Leg> {
  /** By name. The last one is taken first. */
  readonly centers: Readonly<Record<string, LegPlaces>>;
  /** Units of the calculated axes, by role. Default metres and radians. */
  readonly units?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * A table on legs that lift and tilt it. Its frame is right-handed: z upwards, rotations counter-clockwise, the origin in
 * the centre of rotation, of which there may be several to choose from.
 */
export abstract class Legs<Leg extends string> extends CalcController<Leg> {
  readonly #centers: Readonly<Record<string, LegPlaces>>;
  #center: string;

  /** @throws ArgumentError without a centre */
  constructor(options: LegsOptions<Leg>) {
    super(options);
    const names = Object.keys(options.centers);
    const last = names.at(-1);
    if (last === undefined) throw new ArgumentError("centers", `${this.name} has no centers: expected at least one`);
    for (const name of names) this.checkPlaces(name, options.centers[name] ?? {});
    this.#centers = options.centers;
    this.#center = last;
  }

  /** The centre of rotation. Setting it changes the positions, and moves nothing. @throws ArgumentError, AxisMovingError */
  get center(): string {
    return this.#center;
  }

  set center(center: string) {
    if (!Object.hasOwn(this.#centers, center)) {
      const known = Object.keys(this.#centers).join(", ");
      throw new ArgumentError("center", `${this.name} has no center ${center}: expected one of ${known}`);
    }
    this.changeCalculation(() => {
      this.#center = center;
    });
  }

  /** Where a leg is, m. */
  protected place(name: string): number {
    return this.#centers[this.#center]?.[name] ?? 0;
  }

  /** @throws ArgumentError when the legs stand so that nothing can be calculated */
  protected abstract checkPlaces(center: string, places: LegPlaces): void;
}
