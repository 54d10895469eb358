/** What is told of a command. */
export interface CommandText {
  /** How it is called: the names of its arguments. */
  readonly usage: string;
  /** What it does, in a line. */
  readonly does: string;
  /** Units, defaults and what else is to be known. */
  readonly more: readonly string[];
  /** Works in the session of the demo. */
  readonly example: string;
}

const positions = "Positions are user positions, in units of each axis. It returns when all are there.";
const distances = "Distances are in units of each axis, from where it was last sent.";
const shown = "The real axes of calculated ones are shown, too.";
const axesOrNames = "Axes, or their names; none: all of the session.";
const times = "Times are in seconds, positions in units of the axes.";
const counted = "Counters, controllers or groups may follow; none: the active group.";
const options = "At the end, if wanted: { save: false, title: 'test', sleepTime: 0.5, run: false }.";
const scan = [times, counted, options];
const relative = "It returns to where it was, however the scan ends.";
const policy = "Needs the data policy: class: ESRFScanSaving in the configuration.";
const described = "{ description: '…', sampleName: '…', sampleDescription: '…' } may follow.";

/** Four more or less than the axes of an `a2scan`. */
const several = ["roby", "robz", "m0", "s1f", "s1b"];

function text(usage: string, does: string, example: string, ...more: readonly string[]): CommandText {
  return { usage, does, example, more };
}

/** `a2scan` to `a5scan`, and `d2scan` to `d5scan`. */
function severalAxes(kind: "a" | "d"): Readonly<Record<string, CommandText>> {
  const from = kind === "a" ? 0 : -1;
  const does = kind === "a" ? "axes together, along a line" : "axes together, around where they are";
  const entries = [2, 3, 4, 5].map((count): [string, CommandText] => {
    const name = `${kind}${count}scan`;
    const ranges = several.slice(0, count).map((axis) => `${axis}, ${from}, 1`);
    const usage = `${name}(axis1, start1, stop1, … axis${count}, start${count}, stop${count}, intervals, countTime)`;
    const example = `${name}(${ranges.join(", ")}, 5, 0.1, diode)`;
    return [name, text(usage, `${count} ${does}`, example, ...(kind === "d" ? [relative] : []), ...scan)];
  });
  return Object.fromEntries(entries);
}

/** Of all commands, by name, in the order of the list that `help()` shows. */
export const commandTexts: Readonly<Record<string, CommandText>> = {
  mv: text("mv(axis, position, …)", "moves axes together; Ctrl-C stops them", "mv(roby, 1.5, robz, 2)", positions),
  mvr: text("mvr(axis, distance, …)", "moves axes by distances", "mvr(roby, 0.5)", distances),
  mvd: text("mvd(axis, position, …)", "moves axes to dial positions", "mvd(roby, 1.5)", "In units of each axis."),
  mvdr: text("mvdr(axis, distance, …)", "moves axes by distances on the dial", "mvdr(roby, 0.5)", distances),
  umv: text(
    "umv(axis, position, …)",
    "as mv, showing positions all the time",
    "umv(roby, 1.5, robz, 2)",
    positions,
    shown,
  ),
  umvr: text("umvr(axis, distance, …)", "as mvr, showing the positions", "umvr(roby, 0.5)", distances, shown),
  umvd: text(
    "umvd(axis, position, …)",
    "as mvd, showing the positions",
    "umvd(roby, 1.5)",
    "In units of each axis.",
    shown,
  ),
  umvdr: text("umvdr(axis, distance, …)", "as mvdr, showing the positions", "umvdr(roby, 0.5)", distances, shown),
  move: text(
    "move(axis, position, …, { wait })",
    "as mv, or only starts",
    "move(roby, 1.5, { wait: false })",
    "With wait: false it returns at once: roby.waitMove() waits, roby.stop() stops.",
    "Positions are in units of each axis.",
  ),
  wa: text("wa(axis, …)", "positions of all axes, or of those given", "wa()", "User and dial positions.", axesOrNames),
  wu: text("wu(axis, …)", "the same, user positions alone", "wu()", axesOrNames),
  wm: text("wm(axis, …)", "positions, limits and offsets of axes", "wm(roby, robz)", "Axes, or their names."),
  sta: text("sta(axis, …)", "states of all axes, or of those given", "sta()", axesOrNames),
  stm: text("stm(axis, …)", "states of axes", "stm(roby, robz)", "Axes, or their names."),
  lsmot: text("lsmot()", "names of all axes", "lsmot()"),
  sync: text(
    "sync(axis, …)",
    "takes over what the controller says",
    "sync(roby)",
    "After an axis was moved by hand, or its controller restarted. Nothing moves.",
    axesOrNames,
  ),
  rockit: text(
    "rockit(axis, total, body)",
    "rocks an axis while a function runs",
    "rockit(roby, 0.2, () => ct(1))",
    "total: the way from end to end, in units of the axis. It returns to where it was, and answers what body does.",
  ),
  tw: text(
    "tw(axis, …, { step, after })",
    "moves axes step by step, by keys",
    "tw(roby, robz, { step: 0.1 })",
    "step: in units of the axes; after: a function that is called after each step, as () => ct(1). q ends it.",
  ),
  Group: text(
    "Group(axis, …)",
    "axes with one move, one state, one stop",
    "Group(roby, robz).move({ roby: 1, robz: 2 })",
    "Positions are in units of each axis.",
  ),
  softAxis: text(
    "softAxis(name, object, { position, move, unit, … })",
    "makes an axis of any object",
    'softAxis("t", { temperature: 20 }, { position: "temperature", unit: "°C" })',
    "position, move, stop, state: names of what the object has, or functions. In the unit that is given.",
  ),
  lock: text(
    "lock(device, …)",
    "keeps devices from other processes",
    "lock(roby)",
    "Until unlock, or the end of the session.",
  ),
  unlock: text("unlock(device, …)", "gives them back; unlock(): all of them", "unlock(roby)"),
  lslock: text("lslock()", "who has which device", "lslock()"),
  sleep: text("sleep(seconds)", "waits so many seconds; Ctrl-C ends it", "sleep(0.5)"),
  print: text("print(value, …)", "writes values as the prompt shows them", "print(roby, 'is here')"),
  help: text("help(command, …)", "tells of a command; help() lists them", "help(mv)", "mv? does the same."),
  lastError: text("lastError()", "the last error, with its stack", "lastError()"),
  ct: text(
    "ct(countTime, counter, …)",
    "counts once; sct saves it, too",
    "ct(1, diode)",
    "countTime: seconds, 1 by default.",
    counted,
    options,
  ),
  sct: text(
    "sct(countTime, counter, …)",
    "counts once, and saves it",
    "sct(1, diode)",
    "countTime: seconds, 1 by default.",
    counted,
    options,
  ),
  ascan: text(
    "ascan(axis, start, stop, intervals, countTime, counter, …)",
    "steps an axis: 10 intervals are 11 points",
    "ascan(roby, 0, 9, 10, 0.1, diode)",
    ...scan,
  ),
  dscan: text(
    "dscan(axis, start, stop, intervals, countTime, counter, …)",
    "steps around where the axis is; it returns",
    "dscan(roby, -1, 1, 10, 0.1, diode)",
    relative,
    ...scan,
  ),
  ...severalAxes("a"),
  ...severalAxes("d"),
  anscan: text(
    "anscan([[axis, start, stop], …], intervals, countTime, counter, …)",
    "all axes of a list together",
    "anscan([[roby, 0, 1], [robz, 0, 2]], 5, 0.1, diode)",
    ...scan,
  ),
  dnscan: text(
    "dnscan([[axis, start, stop], …], intervals, countTime, counter, …)",
    "the same around where they are",
    "dnscan([[roby, -1, 1], [robz, -2, 2]], 5, 0.1, diode)",
    relative,
    ...scan,
  ),
  amesh: text(
    "amesh(axis1, start1, stop1, intervals1, axis2, start2, stop2, intervals2, countTime, counter, …)",
    "a grid, the first axis fast",
    "amesh(roby, 0, 2, 4, robz, 0, 1, 2, 0.05, diode)",
    "{ backnforth: true }: every second line runs backwards.",
    ...scan,
  ),
  dmesh: text(
    "dmesh(axis1, start1, stop1, intervals1, axis2, start2, stop2, intervals2, countTime, counter, …)",
    "a grid around where the axes are",
    "dmesh(roby, -1, 1, 4, robz, -1, 1, 2, 0.05, diode)",
    relative,
    "{ backnforth: true }: every second line runs backwards.",
    ...scan,
  ),
  pointscan: text(
    "pointscan(axis, positions, countTime, counter, …)",
    "given positions",
    "pointscan(roby, [0, 1, 5], 0.1, diode)",
    ...scan,
  ),
  lookupscan: text(
    "lookupscan([[axis, positions], …], countTime, counter, …)",
    "given positions of axes together",
    "lookupscan([[roby, [0, 1, 5]], [robz, [2, 1, 2]]], 0.1, diode)",
    "The lists have equal lengths.",
    ...scan,
  ),
  loopscan: text(
    "loopscan(npoints, countTime, counter, …)",
    "so many points in time",
    "loopscan(10, 0.1, diode)",
    ...scan,
  ),
  timescan: text(
    "timescan(countTime, counter, …, { npoints })",
    "points in time until Ctrl-C",
    "timescan(0.1, diode, { npoints: 10 })",
    "Without npoints it goes on until it is stopped.",
    ...scan,
  ),
  contScan: text(
    "contScan(axis, start, stop, npoints, time, counter, …)",
    "points on the fly, in so many seconds",
    "contScan(roby, 0, 9, 11, 2, diode)",
    "time: of the whole way. The axis needs some way before start and after stop.",
    ...scan,
  ),
  contMesh: text(
    "contMesh(axis1, start1, stop1, npoints1, axis2, start2, stop2, npoints2, time, counter, …)",
    "a grid, its lines on the fly",
    "contMesh(roby, 0, 2, 5, robz, 0, 1, 2, 0.5, diode)",
    "time: of a line. { backnforth: true }: every second line runs backwards.",
    ...scan,
  ),
  newproposal: text(
    "newproposal(name, session)",
    "goes to a proposal, and begins a dataset",
    'newproposal("hg123")',
    "Without a name: that of the beamline's own tests. session: of the proposal, by its date.",
    policy,
  ),
  newcollection: text(
    "newcollection(name, description)",
    "goes to a collection of datasets",
    'newcollection("crystals", { sampleName: "lysozyme" })',
    "{ sampleName: '…', sampleDescription: '…' } may follow.",
    policy,
  ),
  newsample: text(
    "newsample(name, description)",
    "a collection of the name of its sample",
    'newsample("lysozyme", { description: "the third one" })',
    policy,
  ),
  newdataset: text(
    "newdataset(name, description)",
    "closes the dataset, and begins another",
    'newdataset("area1")',
    "Without a name, or with a number: the next free number. A name that is taken gets a number, too.",
    described,
    policy,
  ),
  enddataset: text(
    "enddataset()",
    "closes the dataset",
    "enddataset()",
    "The next scan goes to one without a name.",
    policy,
  ),
  endproposal: text(
    "endproposal()",
    "leaves the proposal",
    "endproposal()",
    "For that of the beamline's own tests.",
    policy,
  ),
  Channel: text(
    "new Channel(name, { defaultValue })",
    "a value shared with other processes",
    'new Channel("flux", { defaultValue: 0 })',
    "await channel.set(1) tells it to all; channel.value; channel.onChange(listener).",
  ),
};
