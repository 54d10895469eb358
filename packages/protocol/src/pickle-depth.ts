import { PickleError } from "./pickle-error.js";
import { type PickleValue, PyFrozenSet, PyObject, PyTuple } from "./pickle-value.js";

/** The values directly inside a container; undefined for what holds no other values. */
function childrenOf(value: PickleValue): Iterable<PickleValue> | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof PyTuple || value instanceof PyFrozenSet) return value.items;
  if (value instanceof PyObject) return [...value.args, value.state];
  if (value instanceof Set) return value;
  return value instanceof Map ? [...value.keys(), ...value.values()] : undefined;
}

/**
 * Refuses values nested deeper than `maxDepth`, so that who walks them need not fear for the stack. Each shared
 * container is visited once; a reference back to an enclosing container adds nothing.
 *
 * @throws PickleError
 */
export function checkDepth(value: PickleValue, maxDepth: number): void {
  const heights = new Map<PickleValue, number>();
  const visit = (node: PickleValue, depth: number): number => {
    const known = heights.get(node);
    if (known !== undefined) return known;
    const children = childrenOf(node);
    if (!children) return 0;
    if (depth >= maxDepth) throw tooDeep(maxDepth);
    heights.set(node, 0);
    let height = 1;
    for (const child of children) height = Math.max(height, 1 + visit(child, depth + 1));
    if (height > maxDepth) throw tooDeep(maxDepth);
    heights.set(node, height);
    return height;
  };
  visit(value, 0);
}

function tooDeep(maxDepth: number): PickleError {
  return new PickleError("limit", `the pickle is nested more than ${maxDepth} deep`);
}
