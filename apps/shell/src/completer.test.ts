import { describe, expect, it } from "vitest";
import { completer } from "./completer.js";
import { Evaluator } from "./evaluator.js";

class Axis {
  #asked = false;
  readonly limits = { low: -1, high: 1 };
  get position(): number {
    this.#asked = true;
    return 0;
  }
  get wasAsked(): boolean {
    return this.#asked;
  }
  move(): void {}
}

const roby = new Axis();
const complete = completer(new Evaluator({ roby, robz: {}, ascan: () => {} }));

describe("completion", () => {
  it.each([
    ["asc", ["ascan"], "asc"],
    ["ascan(rob", ["roby", "robz"], "rob"],
    ["roby.mo", ["roby.move"], "roby.mo"],
    ["x = roby?.limits.", ["roby?.limits.high", "roby?.limits.low"], "roby?.limits."],
    ["JSON.str", ["JSON.stringify"], "JSON.str"],
    ["nothing.at.all", [], "nothing.at.all"],
    ["roby.position.toF", [], "roby.position.toF"],
  ])("of %j gives %j", (line, names, typed) => {
    expect(complete(line)).toEqual([names, typed]);
  });

  it("asks no getter, for it may ask the hardware", () => {
    expect(complete("roby.p")[0]).toEqual(["roby.position"]);
    expect(roby.wasAsked).toBe(false);
  });

  it("knows what the user has made", async () => {
    const evaluator = new Evaluator({});
    await evaluator.evaluate("const mine = {inside: 1}");
    expect(completer(evaluator)("mine.i")[0]).toEqual(["mine.inside"]);
  });
});
