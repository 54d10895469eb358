import {
  type ConfigItem,
  type ConfigPlugin,
  type ConfigTools,
  finiteSchema,
  numberSchema,
  referenceSchema,
} from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";
import { z } from "zod";
import { MultiplePositions, type NamedPosition } from "./multiple-positions.js";

/** Infinite: wherever the axis is. */
const toleranceSchema = numberSchema.refine((value) => value >= 0, { error: "expected a number of at least 0" });

const schema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  /** Whether the axes move at the same time: BLISS reads the first key, and documents the second. */
  move_simultaneous: z.boolean().optional(),
  simultaneous_move: z.boolean().optional(),
  positions: z
    .array(
      z.strictObject({
        label: z.union([z.string().min(1), z.number()]).transform(String),
        description: z.string().optional(),
        target: z
          .array(
            z.strictObject({
              axis: referenceSchema,
              destination: finiteSchema,
              tolerance: toleranceSchema.optional(),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});

type Config = z.infer<typeof schema>;

/** `class: MultiplePositions`: positions with names. */
export const multiplePositionsPlugins: readonly ConfigPlugin<Config>[] = ["bliss", "generic"].map((plugin) => ({
  plugin,
  class: "MultiplePositions",
  schema,
  create,
}));

async function create(item: ConfigItem<Config>, { get, save }: ConfigTools): Promise<Readonly<Record<string, object>>> {
  const { name, positions, move_simultaneous, simultaneous_move } = item.config;
  const named: NamedPosition[] = [];
  for (const { label, description, target } of positions) {
    const targets = [];
    for (const { axis, ...rest } of target) targets.push({ ...rest, axis: await get(axis, Axis) });
    named.push({ label, description, targets });
  }
  try {
    const simultaneous = move_simultaneous ?? simultaneous_move;
    const keep = (changed: readonly NamedPosition[]): Promise<void> => save(name, { positions: changed.map(configOf) });
    return { [name]: new MultiplePositions({ name, positions: named, simultaneous, save: keep }) };
  } catch (error) {
    if (error instanceof ArgumentError) throw item.error(["positions"], error.message);
    throw error;
  }
}

function configOf({ label, description, targets }: NamedPosition): Config["positions"][number] {
  return {
    label,
    ...(description !== undefined && { description }),
    target: targets.map(({ axis, destination, tolerance }) => ({
      axis: `$${axis.name}`,
      destination,
      ...(tolerance !== undefined && { tolerance }),
    })),
  };
}
