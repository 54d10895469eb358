import { PickleError } from "./pickle-error.js";
import { type PickleValue, PyObject, pyClass } from "./pickle-value.js";

/**
 * The names of the states in an `AxisState` of BLISS, e.g. `["READY", "LIMPOS"]`; their descriptions, which are the same
 * for all axes but for states of their own, stay in the record.
 *
 * @throws PickleError when the record is of another class or has no such names
 * @see BLISS `bliss/common/axis.py`, class `AxisState`
 */
export function axisStates({ type, state }: PyObject): string[] {
  if (type.module !== "bliss.common.axis" || type.name !== "AxisState") {
    throw new PickleError("unsupported-value", `an object of ${type.module}.${type.name} has no plain form`);
  }
  const names = state instanceof Map ? state.get("_current_states") : undefined;
  if (!Array.isArray(names)) throw new PickleError("malformed", "an AxisState without states");
  return names.map((name) => {
    if (typeof name !== "string") throw new PickleError("malformed", "an AxisState whose states are no texts");
    return name;
  });
}

/**
 * The `AxisState` of BLISS with these states.
 *
 * @param states name and description, in order
 * @see BLISS `bliss/common/axis.py`, class `AxisState`
 */
export function axisStateObject(states: Iterable<readonly [string, string]>): PyObject {
  const descriptions = new Map(states);
  const content = new Map<PickleValue, PickleValue>([
    ["_current_states", [...descriptions.keys()]],
    ["_state_desc", descriptions],
  ]);
  return new PyObject(pyClass("bliss.common.axis", "AxisState"), [], content);
}
