import type { Evaluator } from "./evaluator.js";

/** The completer of a readline: names in scope, and members along paths that can be followed without running code. */
export function completer(evaluator: Evaluator): (line: string) => [string[], string] {
  return (line) => {
    const [typed = ""] = /[\p{ID_Start}$_][\p{ID_Continue}$.?]*$/u.exec(line) ?? [];
    const dot = typed.lastIndexOf(".");
    if (dot < 0) return [sorted([...evaluator.names, ...Object.getOwnPropertyNames(globalThis)], typed), typed];
    const [first = "", ...path] = typed.slice(0, dot).split(/\??\./);
    let value = evaluator.peek(first);
    for (const key of path) value = dataProperty(value, key);
    const before = typed.slice(0, dot + 1);
    return [sorted(membersOf(value), typed.slice(dot + 1)).map((name) => `${before}${name}`), typed];
  };
}

function sorted(names: readonly string[], start: string): string[] {
  return [...new Set(names)].filter((name) => name.startsWith(start)).sort();
}

function membersOf(value: unknown): string[] {
  const names: string[] = [];
  for (
    let owner = toObject(value);
    owner && owner !== Object.prototype;
    owner = toObject(Object.getPrototypeOf(owner))
  ) {
    names.push(...Object.getOwnPropertyNames(owner));
  }
  return names.filter((name) => name !== "constructor" && /^[\p{ID_Start}$][\p{ID_Continue}$]*$/u.test(name));
}

/** A property as far as no getter has to be called: a getter may ask the hardware. */
function dataProperty(value: unknown, key: string): unknown {
  for (let owner = toObject(value); owner; owner = toObject(Object.getPrototypeOf(owner))) {
    const property = Object.getOwnPropertyDescriptor(owner, key);
    if (property) return property.value;
  }
  return undefined;
}

function toObject(value: unknown): object | undefined {
  return value === null || value === undefined ? undefined : Object(value);
}
