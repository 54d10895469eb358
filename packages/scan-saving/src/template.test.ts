import { describe, expect, it } from "vitest";
import { MissingParameterError } from "./missing-parameter-error.js";
import { fillTemplate } from "./template.js";

const fields = (values: Readonly<Record<string, string>>) => (name: string) => values[name];

describe("a template", () => {
  it("is filled with values that may be templates themselves", () => {
    const values = fields({ session: "demo", s_name: "{session}_1", empty: "" });
    expect(fillTemplate("/{session}/{s_name}/{empty}", values)).toBe("/demo/demo_1/");
  });

  it("leaves what a scan or a camera fills, and doubled braces as one", () => {
    expect(fillTemplate("scan{scan_number}/{img_acq_device}_{{x}}", fields({}))).toBe(
      "scan{scan_number}/{img_acq_device}_{x}",
    );
  });

  it.each([
    ["{n:04d}", "0007"],
    ["{n:4d}", "   7"],
    ["{n:d}", "7"],
    ["{minus:05d}", "-0012"],
    ["{f:.2f}", "1.50"],
    ["{f:07.1f}", "00001.5"],
    ["{t:6}|", "ab    |"],
    ["{t:>6}|", "    ab|"],
    ["{t:*^6}|", "**ab**|"],
    ["{t:.1s}|", "a|"],
  ])("knows the format of Python in %s", (template, text) => {
    expect(fillTemplate(template, fields({ n: "7", minus: "-12", f: "1.5", t: "ab" }))).toBe(text);
  });

  it("leaves a field that contains itself as it is", () => {
    const circle = fields({ a: "{b}", b: "{a}", c: "x{c}" });
    expect(fillTemplate("{a}/{c}", circle)).toBe("{a}/x{c}");
  });

  it("names the field that nobody defines, also inside another one", () => {
    const failure = (() => {
      try {
        return fillTemplate("{a}", fields({ a: "in/{nosuch}" }));
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(MissingParameterError);
    expect(failure).toMatchObject({ code: "MISSING_PARAMETER", parameter: "nosuch", template: "in/{nosuch}" });
    expect(() => fillTemplate("a{}b", fields({}))).toThrow("'a{}b' has a field without name");
  });

  it("refuses a format that does not fit", () => {
    expect(() => fillTemplate("{t:04d}", fields({ t: "ab" }))).toThrow("'ab' cannot be written in the format '04d'");
    expect(() => fillTemplate("{t:huh}", fields({ t: "1" }))).toThrow("the format 'huh'");
  });
});
