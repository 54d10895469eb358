/**
 * How late the software triggers of a continuous scan are, beside a loop of gevent's `sleep` in Python that waits for the same
 * absolute times; both at the same time, so that what else the machine does meets both. An argument says how many triggers.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { systemClock } from "@beamtime/concurrency";
import { simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, AcquisitionSlave, Scan } from "@beamtime/core";
import { SoftwarePositionTriggerMaster } from "@beamtime/motion";
import { report } from "./figure.js";
import { quantile } from "./rounds.js";

const ntriggers = Number(process.argv[2] ?? 10_000);
const python = process.env["BEAMTIME_PYTHON"] ?? ".cache/python/bin/python";

class LatenessRecorder extends AcquisitionSlave {
  readonly times: number[] = [];

  constructor() {
    super({ name: "recorder", prepareOnce: true, startOnce: true });
  }

  prepare(): void {}

  start(): void {}

  override trigger(): void {
    this.times.push(systemClock.now());
  }

  stop(): void {}
}

/** Seconds by which each trigger of a scan is late. */
async function ours(period: number): Promise<number[]> {
  const velocity = 1 / period; // a unit from one to the next
  const acceleration = 10 * velocity;
  const axis = simulatedAxis({ name: "m0", velocity, acceleration });
  let departure = Number.NaN;
  axis.onState((state) => {
    if (state.has("MOVING")) departure = systemClock.now();
  });
  const chain = new AcquisitionChain();
  const recorder = new LatenessRecorder();
  const end = ntriggers - 1;
  chain.add(new SoftwarePositionTriggerMaster(axis, 0, end, ntriggers, { time: end * period }), recorder);
  await new Scan(chain, { save: false }).run();
  return recorder.times.map((time, index) => time - departure - velocity / acceleration - index * period);
}

const loop = `
import json, sys, time
import gevent

period, count = float(sys.argv[1]), int(sys.argv[2])
start = time.perf_counter()
late = []
for index in range(count):
    left = start + index * period - time.perf_counter()
    if left > 0:
        gevent.sleep(left)
    late.append(time.perf_counter() - start - index * period)
print(json.dumps(late))
`;

/** The same of gevent; undefined where there is none. */
async function gevents(period: number): Promise<number[] | undefined> {
  if (!existsSync(python)) return undefined;
  const child = spawn(python, ["-c", loop, String(period), String(ntriggers)], { stdio: ["ignore", "pipe", "ignore"] });
  const output = await text(child.stdout);
  return output === "" ? undefined : (JSON.parse(output) as number[]); // the list that the loop prints
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

for (const [what, period] of [
  ["100 Hz", 0.01],
  ["1 kHz", 0.001],
] as const) {
  const [late, beside] = await Promise.all([ours(period), gevents(period)]);
  for (const [percent, target] of [
    [50, 1.3],
    [99, null],
  ] as const) {
    report({
      ...{ name: `software triggers at ${what}, lateness p${percent}`, unit: "µs", better: "lower", target },
      value: 1e6 * quantile(late, percent / 100),
      reference: beside ? 1e6 * quantile(beside, percent / 100) : null,
      beside: "gevent.sleep in a loop",
    });
  }
  report({
    ...{ name: `software triggers at ${what}, mean lateness of the last thousand`, unit: "µs", better: "lower" },
    value: 1e6 * mean(late.slice(-1000)),
    reference: 1e6 * mean(late.slice(0, 1000)),
    beside: "of the first thousand",
    target: 1.3,
  });
}
