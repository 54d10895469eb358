import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controllerOf } from "../src/class-search.js";
import { ConfigError, type ConfigFile, type ConfigNode, loadConfig } from "../src/index.js";

interface VectorNode {
  readonly filename: string;
  readonly path: unknown[];
  readonly plugin: string | null;
  readonly raw: unknown;
  readonly parent_filename: string | null;
}

interface VectorCase {
  readonly name: string;
  readonly files: readonly ConfigFile[];
  readonly names: readonly string[];
  readonly errors: Readonly<Record<string, string>>;
  readonly inherited: readonly { name: string; key: string; value: unknown }[];
  readonly tags: readonly string[];
  readonly services: readonly string[];
  readonly top_class: Readonly<Record<string, string | null>>;
  readonly nodes: Readonly<Record<string, VectorNode>>;
}

const vectors = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../../tooling/vectors/beacon-config.json", import.meta.url)), "utf8"),
) as { readonly cases: readonly VectorCase[] };

/** Differences that are meant: an unquoted date is a text, and objects below a directory do not appear in its mapping. */
const superset = new Set(["date scalar rejected"]);
const composed = (raw: unknown): unknown => {
  if (typeof raw !== "object" || raw === null) return raw;
  if (Array.isArray(raw)) return raw.map(composed);
  const reference = raw as { $ref?: string; attr?: string; float?: string };
  if (typeof reference.$ref === "string") return `$${reference.$ref}${reference.attr ? `.${reference.attr}` : ""}`;
  if (typeof reference.float === "string") return Number(reference.float.replace("inf", "Infinity"));
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key !== "__children__" && key !== "deep")
      .map(([key, value]) => [key, composed(value)]),
  );
};

describe("loading, as BLISS 1.11 loads", () => {
  for (const vector of vectors.cases) {
    if (superset.has(vector.name)) continue;
    it(`composes the reference case: ${vector.name}`, async () => {
      const config = await loadConfig(vector.files);
      expect(config.names.toSorted()).toEqual(vector.names);
      expect(Object.fromEntries(config.problems.map(({ file, kind }) => [file, kind]))).toEqual(vector.errors);
      for (const [name, expected] of Object.entries(vector.nodes)) {
        const node: ConfigNode = config.node(name);
        expect({ file: node.file, path: node.path, plugin: node.plugin, value: node.value }).toEqual({
          file: expected.filename,
          path: expected.path,
          plugin: expected.plugin ?? "default",
          value: composed(expected.raw),
        });
        // the reference gives the root no file, also when it has one
        expect(node.parent?.file ?? null).toBe(
          node.parent?.file === "__init__.yml" ? "__init__.yml" : expected.parent_filename,
        );
        expect(controllerOf(node).value["class"] ?? null).toBe(vector.top_class[name]);
      }
      expect([...config.tags.keys()]).toEqual(vector.tags);
      expect(config.names.filter((name) => config.node(name).isService)).toEqual(vector.services);
      for (const { name, key, value } of vector.inherited) expect(config.node(name).inherited(key)).toEqual(value);
    });
  }

  it("takes an unquoted date as a text, for which the reference drops the mapping", async () => {
    const vector = vectors.cases.find(({ name }) => superset.has(name));
    const config = await loadConfig(vector?.files ?? []);
    expect(config.names).toEqual(["a", "b", "c"]);
    expect(config.problems).toEqual([]);
    expect(config.node("b").value["d"]).toBe("2020-01-01");
  });

  it("knows the objects of a tag", async () => {
    const vector = vectors.cases.find(({ name }) => name === "tags and service");
    const config = await loadConfig(vector?.files ?? []);
    expect(config.tags.get("A.B")).toEqual(["t1", "t2"]);
  });

  it("lets a directory without __init__.yml inherit from the only file above it, not from several", async () => {
    const files = [
      { path: "d/a.yml", content: "plugin: bliss\n" },
      { path: "d/below/c.yml", content: "name: c\n" },
    ];
    expect((await loadConfig(files)).node("c").plugin).toBe("bliss");
    const several = [...files.slice(0, 1), { path: "d/b.yml", content: "k: 1\n" }, ...files.slice(1)];
    expect((await loadConfig(several)).node("c").plugin).toBe("default");
  });

  it("loads the configuration that real BLISS loads", async () => {
    const config = await loadConfig(fileURLToPath(new URL("fixtures/beacon_config", import.meta.url)));
    expect(config.problems).toEqual([]);
    expect(config.sessions).toEqual(["test_session"]);
    expect(config.node("roby").plugin).toBe("emotion");
    expect(config.node("roby").line).toBe(5);
    expect(config.root["synchrotron"]).toBe("ESRF");
    const session = config.session("test_session");
    expect(session.objects).toEqual("roby robz m0 fast diode diode2 idiode sim_ct_gauss simu1".split(" "));
    expect(session.setupFile).toBe("sessions/test_session_setup.py");
    expect(session.scanSaving).toMatchObject({ beamline: "beamline", visitor_data_root: "/data/visitor" });
    expect(session.problems).toEqual([]);
  });
});

describe("a mistake in a file", () => {
  const problemsOf = async (content: string): Promise<string[]> => {
    const config = await loadConfig([{ path: "a.yml", content }]);
    return config.problems.map(({ file, line, message }) => `${file}:${line} ${message}`);
  };

  it("is told with its line", async () => {
    expect(await problemsOf("- name: x\n- v: 1\n  name: x\n- 12\n")).toEqual([
      "a.yml:3 the name x is taken by a.yml:1: names are unique",
      "a.yml:4 expected a mapping (key: value)",
    ]);
    expect(await problemsOf("name: x\nlist: [1, 2\nb: }\n")).toEqual([expect.stringMatching(/^a\.yml:3 /)]);
  });

  it("is told where it is a tab, which editors do not show", async () => {
    expect(await problemsOf("- plugin: x\n\tname: y\n")).toEqual([
      expect.stringMatching(/^a\.yml:2 .* begins with a tab/),
    ]);
    expect(await problemsOf("x:\n\ty: 1\n")).toEqual([expect.stringMatching(/^a\.yml:2 Tabs are not allowed/)]);
  });

  it("drops a mapping whose nested names clash, with all its names", async () => {
    const config = await loadConfig([
      { path: "a.yml", content: "- name: x\n- name: y\n  axes:\n  - name: z\n  - name: x\n" },
    ]);
    expect(config.names).toEqual(["x"]);
  });

  it("of a second document is told, as only one counts", async () => {
    expect(await problemsOf("name: x\n---\nname: y\n")).toEqual([
      expect.stringMatching(/^a\.yml:2 .*multiple documents/),
    ]);
  });

  it("is no anchor that hundreds of objects use", async () => {
    const users = Array.from({ length: 500 }, (_, index) => `- {name: x${index}, <<: *all, slits: *slits}\n`);
    const content = `- {name: top, slits: &slits {low: -1}, common: &all {steps: 1}}\n${users.join("")}`;
    const config = await loadConfig([{ path: "a.yml", content }]);
    expect(config.problems).toEqual([]);
    expect(config.node("x499").value).toEqual({ name: "x499", steps: 1, slits: { low: -1 } });
  });

  it("is no byte order mark, which editors of Windows write", async () => {
    const config = await loadConfig([
      { path: "a.yml", content: "\uFEFF- name: x\n  colour: red\n- name: y\n" },
      { path: "d/__init__.yml", content: "\uFEFFplugin: session\n" },
    ]);
    expect([config.problems, config.names]).toEqual([[], ["x", "y"]]);
  });

  it("cannot be used to exhaust memory or stack", async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      const [name, above] = ["abcdefghij"[level], "abcdefghij"[level - 1]];
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${above}`).join(", ")}]`);
    }
    expect(await problemsOf(bomb.join("\n"))).toEqual([expect.stringContaining("aliases make more than")]);
    expect(await problemsOf("[".repeat(100_000))).toHaveLength(1);
    expect(await problemsOf("a: &a [*a]")).toHaveLength(1);
  });

  it("cannot reach the prototype of objects", async () => {
    const config = await loadConfig([{ path: "a.yml", content: "name: x\n__proto__: {plugin: evil}\n" }]);
    expect(config.node("x").plugin).toBe("default");
    expect(Reflect.get({}, "plugin")).toBeUndefined();
  });
});

describe("reading a directory", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-config-"));
    const write = async (path: string, content: string | Uint8Array): Promise<void> => {
      await mkdir(join(directory, path, ".."), { recursive: true });
      await writeFile(join(directory, path), content);
    };
    await write("b.yml", "- name: b\n- name: twice\n");
    await write("a.yml", "- name: a\n- name: twice\n");
    await write("deep/c.yml", "name: c\n");
    await write("deep/__init__.yml", "plugin: emotion\n");
    await write("deep/note.yaml", "name: not_read\n");
    await write("deep/.hidden.yml", "name: hidden\n");
    await write("off/__init__.yml", "bliss_ignored: true\n");
    await write("off/below/d.yml", "name: off\n");
    await write("latin.yml", Uint8Array.of(0x6e, 0xe9, 0x0a));
    await symlink("..", join(directory, "deep", "loop"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("takes files in sorted order, leaves out what is ignored, and follows no circle of links", async () => {
    const config = await loadConfig(directory);
    expect(config.names).toEqual(["a", "twice", "b", "c"]);
    expect(config.node("twice").file).toBe("a.yml");
    expect(config.node("c").plugin).toBe("emotion");
    expect(config.problems.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
      "latin.yml unreadable",
      "b.yml duplicate-name",
    ]);
  });

  it("refuses a directory that is not there", async () => {
    await expect(loadConfig(join(directory, "none"))).rejects.toThrow(ConfigError);
  });
});

describe("a session", () => {
  const files = (session: string): ConfigFile[] => [
    { path: "objects.yml", content: "- {name: a, plugin: bliss}\n- {name: b, plugin: bliss}\n- {name: plain}\n" },
    { path: "s/__init__.yml", content: "plugin: session\n" },
    { path: "s/s.yml", content: session },
  ];

  it("has every object and measurement group when it lists none, but no session and no plain mapping", async () => {
    const config = await loadConfig(
      files("- {class: Session, name: s}\n- {class: MeasurementGroup, name: mg, counters: [a]}"),
    );
    expect(config.session("s").objects).toEqual(["a", "b", "mg"]);
  });

  it("leaves out what it excludes, and tells what it does not know", async () => {
    const config = await loadConfig(
      files("class: Session\nname: s\nconfig-objects: [a, nix, b]\nexclude-objects: [b]\ncolour: red\n"),
    );
    const { objects, problems } = config.session("s");
    expect(objects).toEqual(["a"]);
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "5 the key colour is unknown and has no effect",
      "3 there is no object nix: left out",
    ]);
  });

  it("has the objects of the sessions that it includes, and refuses a circle of them", async () => {
    const config = await loadConfig(
      files(`
- {class: Session, name: s, config-objects: [b], include-sessions: [t]}
- {class: Session, name: t, config-objects: [a]}
- {class: Session, name: u, include-sessions: [u]}
`),
    );
    expect(config.session("s").objects).toEqual(["a", "b"]);
    expect(() => config.session("u")).toThrow("u → u");
  });

  it("is refused with place and expectation when a value has the wrong type", async () => {
    const config = await loadConfig(files("class: Session\nname: s\nconfig-objects: a\n"));
    expect(() => config.session("s")).toThrow('s/s.yml:3 (config-objects): expected array, not "a"');
  });

  it("that does not exist is refused with the names of those that do", async () => {
    const config = await loadConfig(files("- {class: Session, name: s}\n"));
    expect(() => config.session("x")).toThrow("there is no session x in the configuration: it has s");
  });

  it("has its setup file below the root only", async () => {
    const config = await loadConfig(
      files(
        "- {class: Session, name: s, setup-file: ../../etc/x}\n- {class: Session, name: t, setup-file: setup/t.ts}\n",
      ),
    );
    expect(() => config.session("s")).toThrow("not below");
    expect(config.session("t").setupFile).toBe("setup/t.ts");
  });
});
