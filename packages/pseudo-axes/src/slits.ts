import { CalcController, type CalcControllerOptions, type CalcPositions } from "@beamtime/motion";

export type SlitType = "horizontal" | "vertical" | "both";

export interface SlitsOptions extends CalcControllerOptions {
  /** Which blades there are. Default `both`. */
  readonly type?: SlitType | undefined;
}

interface Pair {
  readonly plus: string;
  readonly minus: string;
  readonly gap: string;
  readonly offset: string;
}

const horizontal: Pair = { plus: "front", minus: "back", gap: "hgap", offset: "hoffset" };
const vertical: Pair = { plus: "up", minus: "down", gap: "vgap", offset: "voffset" };

/** The blades of a slit, and what is calculated from them, by role. */
export function slitRoles(type: SlitType): { readonly reals: readonly string[]; readonly pseudos: readonly string[] } {
  const pairs = pairsOf(type);
  return {
    reals: pairs.flatMap(({ plus, minus }) => [plus, minus]),
    pseudos: pairs.flatMap(({ gap, offset }) => [gap, offset]),
  };
}

/**
 * The opening between two blades and where its middle is. Each blade counts outwards, away from the beam, so that
 * gap = front + back and offset = (front − back) / 2; likewise `up` and `down`. The calculated axes have no offset of their own:
 * `gap.position = 0` gives the blades others.
 *
 * Roles of the blades: `front`, `back`, `up`, `down`; of the calculated axes: `hgap`, `hoffset`, `vgap`, `voffset`.
 *
 * @see BLISS `bliss/controllers/motors/slits.py`, class `Slits`
 */
export class Slits extends CalcController {
  readonly type: SlitType;

  constructor(options: SlitsOptions) {
    super({ ...options, hasOffsets: false });
    this.type = options.type ?? "both";
  }

  calcFromReal(reals: CalcPositions): CalcPositions {
    const positions: Record<string, Float64Array> = {};
    for (const { plus, minus, gap, offset } of pairsOf(this.type)) {
      positions[gap] = combined(reals[plus], reals[minus], (a, b) => a + b);
      positions[offset] = combined(reals[plus], reals[minus], (a, b) => (a - b) / 2);
    }
    return positions;
  }

  calcToReal(pseudos: CalcPositions): CalcPositions {
    const positions: Record<string, Float64Array> = {};
    for (const { plus, minus, gap, offset } of pairsOf(this.type)) {
      positions[plus] = combined(pseudos[gap], pseudos[offset], (g, o) => g / 2 + o);
      positions[minus] = combined(pseudos[gap], pseudos[offset], (g, o) => g / 2 - o);
    }
    return positions;
  }
}

function pairsOf(type: SlitType): readonly Pair[] {
  if (type === "both") return [horizontal, vertical];
  return [type === "horizontal" ? horizontal : vertical];
}

function combined(
  a: Float64Array = Float64Array.of(),
  b: Float64Array = Float64Array.of(),
  combine: (a: number, b: number) => number,
): Float64Array {
  return a.map((value, i) => combine(value, b[i] ?? Number.NaN));
}
