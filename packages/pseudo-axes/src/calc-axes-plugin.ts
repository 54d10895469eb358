import { axesSchema, axisConfigSchema, type ConfigItem, type ConfigTools } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { Axis, type CalcController, type CalcControllerOptions, makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { type CalcRoles, isInput, roleOf } from "./calc-roles.js";

/** An entry of `axes`: a reference to an axis, with the tag `real` or `param` and its role, or a calculated axis with its role. */
export const calcAxisSchema = axisConfigSchema
  .omit({ address: true, steps_per_unit: true, velocity: true, acceleration: true })
  .extend({
    tags: z.string().regex(/\S/, { error: "expected the role of the axis, as `real front` or `hgap`" }),
    description: z.string().optional(),
  });

/** What the configuration of every controller of calculated axes has. */
export const calcKeys = {
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  /** Whether step scans emit the real axes too. */
  emit_real_position: z.boolean().default(true),
  axes: axesSchema(calcAxisSchema),
};

type CalcAxisConfig = z.infer<typeof calcAxisSchema>;

/** The part of a configuration that `calcKeys` describes. */
export interface CalcConfig {
  readonly name?: string | undefined;
  readonly emit_real_position: boolean;
  readonly axes: readonly CalcAxisConfig[];
}

interface Entry {
  readonly index: number;
  readonly role: string;
  readonly config: CalcAxisConfig;
}

/**
 * Makes calculated axes as their configuration says: what the plugin of every controller of such axes does.
 *
 * @param make makes the controller; its options are those of `CalcController`
 * @returns the objects by name: the calculated axes, and the controller when it has a name
 * @param roles those that `checkRoles` has checked
 * @throws ConfigError when what is referred to is no axis
 */
export async function makeCalcAxes<T extends CalcConfig>(
  item: ConfigItem<T>,
  tools: ConfigTools,
  roles: CalcRoles,
  make: (
    options: CalcControllerOptions<string, string>,
    unitOf: (role: string) => string | undefined,
  ) => CalcController<string, string>,
): Promise<Readonly<Record<string, object>>> {
  const { config, error } = item;
  const { parameters: parameterRoles = [] } = roles;
  const entries = config.axes.map((axis, index): Entry => ({ index, role: roleOf(axis), config: axis }));
  const reals: Record<string, Axis> = {};
  const parameters: Record<string, Axis> = {};
  const pseudos: Entry[] = [];
  for (const entry of entries) {
    const { role } = entry;
    if (!isInput(entry.config)) pseudos.push(entry);
    else (parameterRoles.includes(role) ? parameters : reals)[role] = await tools.get(entry.config.name, Axis);
  }
  const names = Object.fromEntries(pseudos.map(({ role, config: { name } }) => [role, name]));
  const units = new Map(pseudos.map(({ role, config: { unit } }) => [role, unit]));
  const name = config.name ?? `${item.class} of ${Object.values(names).join(", ")}`;
  const options = { name, reals, parameters, names, emitRealPosition: config.emit_real_position };
  const controller = placed(item, () => make(options, (role) => units.get(role)));
  // where it stands is told by the real axes, which check it
  const axes = pseudos.map(({ role, config: axis }) => {
    const placed = { ...axis, address: role, check_discrepancy: false };
    if (!controller.recount) return placed;
    const { sign, offset, ...others } = placed;
    if (sign === -1 || offset) {
      tools.warn(`sign and offset of ${axis.name} have no effect: the axes that it is calculated from have theirs`);
    }
    return others;
  });
  return await makeMotors(
    controller,
    {
      config: { name: config.name, axes },
      error: ([list = "axes", at, ...rest], message) =>
        error([list, ...(typeof at === "number" ? [pseudos[at]?.index ?? at] : []), ...rest], message),
    },
    tools,
  );
}

function placed<T>({ error }: ConfigItem, make: () => T): T {
  try {
    return make();
  } catch (refused) {
    if (refused instanceof ArgumentError) throw error(["axes"], refused.message);
    throw refused;
  }
}
