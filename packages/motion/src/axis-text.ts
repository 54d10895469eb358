import type { Axis } from "./axis.js";

/** A position with as many digits as the axis can tell apart. */
export function positionText(axis: Axis, position: number): string {
  if (!Number.isFinite(position)) return String(position).replace("Infinity", "inf");
  const finest = axis.tolerance || 1e-4;
  return position.toFixed(Math.min(12, Math.max(0, Math.ceil(-Math.log10(finest)))));
}

/** What the prompt shows of an axis. */
export function axisText(axis: Axis): string {
  const position = (value: number): string => positionText(axis, value);
  const range = ([low, high]: readonly [number, number], text: (value: number) => string): string =>
    `low ${text(low)}, high ${text(high)}`;
  const number = (value: number): string => String(value).replace("Infinity", "inf");
  const unit = axis.unit ?? "units";
  const { capabilities, encoder, controller } = axis;
  const able = Object.entries(capabilities).flatMap(([name, has]) => (has ? [name] : []));
  const rows: readonly (readonly [string, string])[] = [
    ["unit", axis.unit ?? "none"],
    ["position", position(axis.position)],
    ["dial", position(axis.dial)],
    ["offset", position(axis.offset)],
    ["sign", String(axis.sign)],
    ["limits", range(axis.limits, position)],
    ["dial limits", range(axis.dialLimits, position)],
    ["state", axis.state.toString()],
    ["velocity", `${number(axis.velocity)} ${unit}/s (${range(axis.velocityLimits, number)})`],
    ["acceleration", `${number(axis.acceleration)} ${unit}/s² (acctime ${number(axis.acctime)} s)`],
    ["jog velocity", `${number(axis.jogVelocity)} ${unit}/s`],
    ["backlash", position(axis.backlash)],
    ["tolerance", number(axis.tolerance)],
    ["steps per unit", number(axis.stepsPerUnit)],
    ...(axis.modulo === undefined ? [] : [["modulo", number(axis.modulo)] as const]),
    ["encoder", encoder ? `${encoder.name} (tolerance ${encoder.tolerance} ${unit})` : "none"],
    ["controller", `${controller.name}, axis ${axis.address}`],
    ...folded(able).map((line, index) => [index === 0 ? "able to" : "", line] as const),
    ...(axis.realAxes.length > 0 ? [["real axes", axis.realAxes.map(({ name }) => name).join(", ")] as const] : []),
    ...(axis.motionHooks.length > 0
      ? [["motion hooks", axis.motionHooks.map(({ name }) => name).join(", ")] as const]
      : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [`Axis ${axis.name}`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join("\n");
}

/** Words in lines of some 60 characters. */
function folded(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 60) lines.push(word);
    else lines[lines.length - 1] = `${line}, ${word}`;
  }
  return lines;
}
