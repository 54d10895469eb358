import { VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { describe, expect, it } from "vitest";
import { type AcquisitionChain, AcquisitionError, Scan } from "../src/index.js";
import { Giver, ran, timerChain } from "./giver.js";

describe("getData", () => {
  const chain = (): AcquisitionChain =>
    timerChain(
      3,
      new Giver("simct:diode", [10, 20, 30]),
      new Giver("card:diode", [1, 2, 3]),
      new Giver(
        "mca:spectrum",
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        { shape: [2] },
      ),
      new Giver("axis:roby", [0, 1, 2], { unit: "mm" }),
      new Giver("mca:samples", [[1], [2, 3]], { shape: [0] }),
      new Giver("cam:file", ["a.edf", "b.edf"], { reference: true }),
    );

  it("gives everything by short name where that is unique, else by full name", async () => {
    const scan = await ran(chain());
    const { epoch, elapsed_time, ...data } = scan.getData();
    expect(elapsed_time).toHaveLength(3);
    expect(epoch).toBeInstanceOf(Float64Array);
    expect(data).toEqual({
      "simct:diode": new Float64Array([10, 20, 30]),
      "card:diode": new Float64Array([1, 2, 3]),
      spectrum: { dtype: "float64", shape: [3, 2], data: new Float64Array([1, 2, 3, 4, 5, 6]) },
      roby: new Float64Array([0, 1, 2]),
      samples: [
        { dtype: "float64", shape: [1], data: new Float64Array([1]) },
        { dtype: "float64", shape: [2], data: new Float64Array([2, 3]) },
      ],
      file: ["a.edf", "b.edf"],
    });
  });

  it.each([
    ["a full name", "card:diode", [1, 2, 3]],
    ["a short name", "roby", [0, 1, 2]],
    ["an axis", { name: "roby" }, [0, 1, 2]],
    ["a counter", { fullname: "card:diode", name: "diode" }, [1, 2, 3]],
    ["a pattern", "card:*", [1, 2, 3]],
    ["a pattern of short names", "ro?y", [0, 1, 2]],
  ] as const)("finds one channel by %s", async (_, key, values) => {
    expect((await ran(chain())).getData(key)).toEqual(new Float64Array(values));
  });

  it("refuses a key that is ambiguous or unknown, with what there is", async () => {
    const scan = await ran(chain());
    expect(() => scan.getData("diode")).toThrow("ambiguous key 'diode': it means 'simct:diode', 'card:diode'");
    expect(() => scan.getData("*a*")).toThrow("ambiguous key");
    expect(() => scan.getData("gauss")).toThrow("no channel 'gauss' in this scan; it has 'timer:elapsed_time'");
    expect(() => scan.getData({ fullname: "other:diode" })).toThrow(ArgumentError);
  });

  it("works during the scan, and gives copies", async () => {
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(3, new Giver("card:c", [1, 2, 3])), { clock });
    expect(scan.getData("c")).toEqual(new Float64Array(0));
    let early: unknown;
    void clock.sleep(0.15).then(() => {
      early = scan.getData("c");
    });
    await clock.run(scan.run());
    expect(early).toEqual(new Float64Array([1, 2]));
    expect(scan.getData("c")).toEqual(new Float64Array([1, 2, 3]));
  });

  it("drops a channel that outgrows the memory, and says where to read it", async () => {
    const frames = Array.from({ length: 20 }, () => new Array<number>(1000).fill(1));
    const scan = await ran(
      timerChain(20, new Giver("cam:frame", frames, { shape: [1000] }), new Giver("card:c", [1, 2, 3])),
      { memoryLimit: 100_000 },
    );
    expect(() => scan.getData("frame")).toThrow("Read it with @beamtime/data from the node of the scan");
    expect(scan.getData("c")).toEqual(new Float64Array([1, 2, 3]));
    const all = scan.getData();
    expect(all["c"]).toEqual(new Float64Array([1, 2, 3]));
    expect(() => all["frame"]).toThrow(AcquisitionError);
  });
});

describe("channels of one name", () => {
  it("are told apart by the name of the parent, then by a number", async () => {
    const names = ["card:c", "card:c", "card:c", "card:c"];
    const scan = await ran(timerChain(1, ...names.map((name, index) => new Giver(name, [index]))));
    expect(Object.keys(scan.getData())).toEqual(["elapsed_time", "epoch", "card:c", "timer:card:c", "c#2", "c#3"]);
    expect(scan.getData("timer:card:c#2")).toEqual(new Float64Array([2]));
  });
});
