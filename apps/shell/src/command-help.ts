import { inspect } from "node:util";

/** How commands are typed, and what they do. */
const texts: Readonly<Record<string, readonly [usage: string, text: string]>> = {
  mv: ["mv(roby, 1.5, robz, 2)", "moves axes together; Ctrl-C stops them"],
  mvr: ["mvr(roby, 0.5)", "moves axes by distances"],
  mvd: ["mvd(roby, 1.5)", "moves axes to dial positions"],
  mvdr: ["mvdr(roby, 0.5)", "moves axes by distances on the dial"],
  umv: ["umv(roby, 1.5, robz, 2)", "as mv, showing positions all the time"],
  umvr: ["umvr(roby, 0.5)", "as mvr, showing the positions"],
  umvd: ["umvd(roby, 1.5)", "as mvd, showing the positions"],
  umvdr: ["umvdr(roby, 0.5)", "as mvdr, showing the positions"],
  move: ["move(roby, 1.5, { wait: false })", "only starts: roby.waitMove(), roby.stop()"],
  wa: ["wa()", "positions of all axes, or of those given"],
  wu: ["wu()", "the same, user positions alone"],
  wm: ["wm(roby, robz)", "positions, limits and offsets of axes"],
  sta: ["sta()", "states of all axes, or of those given"],
  stm: ["stm(roby, robz)", "states of axes"],
  lsmot: ["lsmot()", "names of all axes"],
  sync: ["sync(roby)", "takes over what the controller says"],
  rockit: ["rockit(roby, 0.2, () => ct(5))", "rocks an axis while a function runs"],
  tw: ["tw(roby, robz, { step: 0.1 })", "moves axes step by step, by keys"],
  Group: ["Group(roby, robz)", "axes with one move, one state, one stop"],
  softAxis: ['softAxis("t", oven, { position: "temperature" })', "makes an axis of any object"],
  lock: ["lock(roby)", "keeps devices from other processes"],
  unlock: ["unlock(roby)", "gives them back; unlock(): all of them"],
  lslock: ["lslock()", "who has which device"],
  sleep: ["sleep(2)", "waits so many seconds; Ctrl-C ends it"],
  print: ["print(roby, 'is here')", "writes values as the prompt shows them"],
  help: ["help(mv), mv?", "tells of a command; help() lists them"],
  lastError: ["lastError()", "the last error, with its stack"],
  ct: ["ct(1, diode)", "counts for 1 s; sct saves it, too"],
  ascan: ["ascan(roby, 0, 9, 10, 0.1, diode)", "0 to 9, 10 intervals of 0.1 s: 11 points"],
  dscan: ["dscan(roby, -1, 1, 10, 0.1, diode)", "around where the axis is; it returns"],
  a2scan: ["a2scan(roby, 0, 9, robz, 0, 1, 10, 0.1, diode)", "two axes together (also d2scan, a3scan … d5scan)"],
  amesh: ["amesh(roby, 0, 9, 10, robz, 0, 1, 5, 0.1, diode)", "a grid, the first axis fast (also dmesh)"],
  pointscan: ["pointscan(roby, [0, 1, 5], 0.1, diode)", "given positions"],
  loopscan: ["loopscan(10, 0.1, diode)", "so many points in time"],
  timescan: ["timescan(0.1, diode)", "points in time until Ctrl-C"],
  contScan: ["contScan(roby, 0, 9, 11, 5, diode)", "11 points on the fly in 5 s"],
};

/** Of the usages, so that most lines fit into 80 characters. */
const width = 34;

/** Lets commands tell how they are typed when only their name is. Returns `names`. */
export function describeCommands<T extends object>(names: T): T {
  for (const [name, command] of Object.entries(names)) {
    const own = texts[name];
    if (!own || typeof command !== "function" || Object.hasOwn(command, inspect.custom)) continue;
    Object.defineProperty(command, inspect.custom, { value: () => own.join("  ") });
  }
  return names;
}

/** What `help` answers: all commands, or each topic. */
export function commandHelp(topics: readonly unknown[]): string {
  if (topics.length === 0) {
    const lines = Object.values(texts).map(([usage, text]) => {
      const start = usage.length > width ? `${usage}\n${" ".repeat(width + 2)}` : usage.padEnd(width);
      return `  ${start}  ${text}\n`;
    });
    return `\n${lines.join("")}\n  roby? tells all that is known of a device, .help of the prompt\n\n`;
  }
  return topics.map((topic) => `${topicHelp(topic)}\n`).join("");
}

function topicHelp(topic: unknown): string {
  if (typeof topic !== "function" || inspect.custom in topic) return inspect(topic);
  return `there is no help for ${topic.name || "this function"}; help() lists the commands`;
}
