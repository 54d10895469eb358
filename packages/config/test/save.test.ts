import { describe, expect, it } from "vitest";
import { type ConfigFiles, type ConfigMapping, loadConfig } from "../src/index.js";

/** Files at hand, as a server would keep them. */
class Files implements ConfigFiles {
  readonly contents = new Map<string, string>();
  constructor(content: string) {
    this.contents.set("a.yml", content);
  }
  async read(path: string) {
    return this.contents.get(path) ?? "";
  }
  async write(path: string, content: string) {
    this.contents.set(path, content);
  }
}

async function setUp(content: string) {
  const files = new Files(content);
  const config = await loadConfig([{ path: "a.yml", content }]);
  return { files, config };
}

async function saved(content: string, name: string, changes: ConfigMapping): Promise<string> {
  const { files, config } = await setUp(content);
  await config.save(files, name, changes);
  return files.read("a.yml");
}

const motors = `# the motors of the sample
- class: mockup
  plugin: emotion
  axes:
  # horizontal
  - name: roby # in the hutch
    velocity: 2500.0

    backlash: 0
    low_limit: -.inf
    limits: {low: 1, high: 2} # user units
  - name: robz
    velocity: 7        # aligned
    acceleration: 0x1F # with this


    note: 'quoted'
`;

describe("saving changes of a mapping", () => {
  it("keeps comments, order and layout of everything else", async () => {
    const changes = { velocity: 3.5, limits: { high: 7 }, encoder: "$enc.position", backlash: undefined };
    expect(await saved(motors, "roby", changes)).toBe(
      motors
        .replace("2500.0\n\n    backlash: 0\n", "3.5\n\n")
        .replace("high: 2} # user units\n", "high: 7} # user units\n    encoder: $enc.position\n"),
    );
  });

  it("touches no other line, however it is aligned", async () => {
    const content =
      "name: x\na: 1        # one\nbb:  [1,  2]  # two\nin:\n    - 0x1F    # three\n\n\n# end\nlast: 'z'   # four";
    expect(await saved(content, "x", { a: 2, last: "y", more: { k: [1] } })).toBe(
      `${content.replace("a: 1", "a: 2").replace("'z'", "'y'")}\nmore:\n    k:\n        - 1\n`,
    );
    expect(await saved(content, "x", { in: undefined })).toBe(content.replace("in:\n    - 0x1F    # three\n", ""));
    expect(await saved(content, "x", { bb: [3], in: 5 })).toBe(
      content.replace("bb:  [1,  2]  # two", "bb:\n    - 3").replace("in:\n    - 0x1F    # three", "in: 5"),
    );
  });

  it("changes nothing else in any layout", async () => {
    for (const content of [
      motors,
      "- {name: roby,  velocity: 1,   unit: mm}   # in braces\n",
      "- velocity: 1   # after the dash\n  name: roby\n  text: |\n    a  # no comment\n",
      "name: roby\nlist:\n    - {a: 1}\n    - b\nvelocity: 1\n",
      "name: roby\ninner:\n    deep: { a: 1 }\nvelocity: 1 # last",
      "- &base\n  name: roby\n  velocity: 1\n- <<: *base\n  name: robz\n",
    ]) {
      expect(await saved(content, "roby", { velocity: 4 })).toBe(
        content.replace("velocity: 1", "velocity: 4").replace("2500.0", "4.0"),
      );
    }
  });

  it("writes what BLISS reads back as the same value", async () => {
    const changes = {
      date: "2020-01-01",
      low: Number.NEGATIVE_INFINITY,
      yes: "yes",
      under: "1_000",
      list: ["$a", 1.5],
      none: null,
    };
    const content = await saved("name: x\n", "x", changes);
    expect(content).toContain('date: "2020-01-01"');
    const config = await loadConfig([{ path: "a.yml", content }]);
    expect(config.node("x").value).toEqual({ name: "x", ...changes });
  });

  it("works again after a save, and refuses when somebody else has written", async () => {
    const { files, config } = await setUp(motors);
    await config.save(files, "roby", { velocity: 1 });
    await config.save(files, "robz", { velocity: 2 });
    expect(await files.read("a.yml")).toContain("velocity: 1.0\n");
    const now = `${await files.read("a.yml")}# somebody was here\n`;
    await files.write("a.yml", now);
    await expect(config.save(files, "roby", { velocity: 3 })).rejects.toThrow("the file has changed since it was read");
    expect(await files.read("a.yml")).toBe(now);
  });

  it("keeps the byte order mark and the ends of lines of Windows", async () => {
    const content = "\uFEFF- name: a\r\n  low: 1 # mm\r\n- name: b\r\n";
    expect(await saved(content, "a", { low: 2, tags: ["x"] })).toBe(
      "\uFEFF- name: a\r\n  low: 2 # mm\r\n  tags:\r\n    - x\r\n- name: b\r\n",
    );
  });

  it("refuses to change a value through an alias, and a mapping that has moved", async () => {
    const aliased = "- {name: a, limits: &limits {low: 1}}\n- {name: b, limits: *limits}\n";
    await expect(saved(aliased, "b", { limits: { low: 2 } })).rejects.toThrow(
      "a.yml:2 ([1].limits): the value is an alias",
    );
    const { files, config } = await setUp("name: top\nlist:\n- name: a\n- name: b\n");
    await config.save(files, "top", { list: [{ name: "b" }] });
    await expect(config.save(files, "b", { x: 1 })).rejects.toThrow("the mapping is not where it was");
  });
});
