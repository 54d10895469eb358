import { Buffer } from "node:buffer";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { beaconMessage as m } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { BeaconServer } from "../src/index.js";
import { type ConfigFolder, configFolder } from "./config-folder.js";
import { type Message, WireClient } from "./wire-client.js";

const settings = { host: "localhost", port: 1 };

async function stream(folder: ConfigFolder, base = "", type: number = m.readTree2): Promise<Message[]> {
  await using server = await BeaconServer.start({ directory: folder.root, settings });
  await using client = await WireClient.open(server);
  client.send(type, `4|${base}`);
  return await client.until(m.readTreeEnd);
}

/** The files by path, without their key. */
const filesOf = (messages: readonly Message[]): string[] =>
  messages.filter(([type]) => type === m.readTreeFile).map(([, text]) => text.split("|")[1] ?? "");

describe("the stream of YAML files", () => {
  it.each([m.readTree, m.readTree2])("is sorted, __init__.yml first and directories last (type %i)", async (type) => {
    await using folder = await configFolder({
      "z.yml": "z",
      "a/b/c.yml": "c",
      "a/__init__.yml": "plugin: x",
      "a/A.yml": "A",
      "a/.hidden.yml": "",
      "a/x.yaml": "",
      "a/y.py": "",
      "__init__.yml": "",
      "b.yml": "one | two",
    });
    expect(await stream(folder, "", type)).toEqual([
      [m.readTreeFile, "4|__init__.yml|"],
      [m.readTreeFile, "4|b.yml|one | two"],
      [m.readTreeFile, "4|z.yml|z"],
      [m.readTreeFile, "4|a/__init__.yml|plugin: x"],
      [m.readTreeFile, "4|a/A.yml|A"],
      [m.readTreeFile, "4|a/b/c.yml|c"],
      [m.readTreeEnd, "4|"],
    ]);
  });

  it("begins at a base, with paths from the root, and is empty where there is none", async () => {
    await using folder = await configFolder({ "a/b/c.yml": "c", "d.yml": "d" });
    expect(filesOf(await stream(folder, "/a/"))).toEqual(["a/b/c.yml"]);
    expect(await stream(folder, "nope")).toEqual([[m.readTreeEnd, "4|"]]);
    expect(await stream(folder, "d.yml")).toEqual([[m.readTreeEnd, "4|"]]);
  });

  it("leaves out a directory that is ignored with all below, where its __init__.yml really says so", async () => {
    await using folder = await configFolder({
      "no/__init__.yml": "a: 1\nbliss_ignored: true\n",
      "no/x.yml": "",
      "no/deep/y.yml": "",
      "text/__init__.yml": "bliss_ignored: 'true'\n",
      "nested/__init__.yml": "a:\n  bliss_ignored: true\n",
      "comment/__init__.yml": "# bliss_ignored: true\n",
      "broken/__init__.yml": "bliss_ignored: true\n  : [\n",
    });
    const files = ["broken", "comment", "nested", "text"].map((name) => `${name}/__init__.yml`);
    expect(filesOf(await stream(folder))).toEqual(files);
  });

  it("tells a file that is not UTF-8 and goes on", async () => {
    await using folder = await configFolder({ "a.yml": "a", "b.yml": Uint8Array.of(0x61, 0xe9, 0x0a), "c.yml": "c" });
    expect(await stream(folder)).toEqual([
      [m.readTreeFile, "4|a.yml|a"],
      [m.readTreeFailed, expect.stringMatching(/^4\|b\.yml: .*UTF-8/)],
      [m.readTreeFile, "4|c.yml|c"],
      [m.readTreeEnd, "4|"],
    ]);
  });

  it("tells a file that is too large to be configuration and goes on", async () => {
    await using folder = await configFolder({ "a.yml": Buffer.alloc(5 * 1024 * 1024, "#"), "c.yml": "c" });
    const messages = await stream(folder);
    expect(messages.map(([type]) => type)).toEqual([m.readTreeFailed, m.readTreeFile, m.readTreeEnd]);
  });

  it("follows links, reads each directory once, and passes over links that lead nowhere", async () => {
    await using folder = await configFolder({ "motors/sim.yml": "" });
    await symlink("..", join(folder.root, "motors/up"));
    await symlink("nowhere.yml", join(folder.root, "dangling.yml"));
    await symlink(folder.outside, join(folder.root, "shared"));
    await symlink("motors/sim.yml", join(folder.root, "link.yml"));
    expect(filesOf(await stream(folder))).toEqual(["link.yml", "motors/sim.yml"]);
  });

  it("fails and ends where the configuration itself is away, or the base outside of it", async () => {
    await using folder = await configFolder();
    const outside = await stream(folder, "../outside");
    await rm(folder.root, { recursive: true });
    for (const messages of [outside, await stream(folder)]) {
      expect(messages).toEqual([
        [m.readTreeFailed, expect.stringMatching(/^4\|./)],
        [m.readTreeEnd, "4|"],
      ]);
    }
  });

  it("ends while files come, change and go, and gives those that stay", async () => {
    await using folder = await configFolder();
    for (let index = 0; index < 200; index++) await folder.add(`d${index % 20}/stays${index}.yml`, `n: ${index}`);
    await using server = await BeaconServer.start({ directory: folder.root, settings });
    await using reader = await WireClient.open(server);
    await using editor = await WireClient.open(server);
    let isReading = true;
    const editing = (async () => {
      for (let round = 0; isReading; round++) {
        const path = `d${round % 20}/comes${round % 7}.yml`;
        await editor.ask(m.writeFile, `1|${path}|${"x".repeat(round % 5000)}`);
        await editor.ask(m.move, `2|${path}|moved${round % 3}/a.yml`);
        await editor.ask(m.remove, `3|moved${round % 3}`);
      }
    })();
    for (let round = 0; round < 5; round++) {
      reader.send(m.readTree2, "4|");
      const messages = await reader.until(m.readTreeEnd);
      const stay = filesOf(messages).filter((path) => path.includes("stays"));
      expect([stay.length, new Set(stay).size]).toEqual([200, 200]);
      expect(messages.filter(([type]) => type === m.readTreeFailed)).toEqual([]);
    }
    isReading = false;
    await editing;
  });

  it("of 2,000 files comes whole, while others are answered", async () => {
    await using folder = await configFolder();
    for (let index = 0; index < 2000; index++) await folder.add(`d${index % 50}/f${index}.yml`, `- name: m${index}\n`);
    await using server = await BeaconServer.start({ directory: folder.root, settings });
    await using reader = await WireClient.open(server);
    await using other = await WireClient.open(server);
    reader.send(m.readTree2, "4|");
    await reader.nextBytes();
    let between = 0;
    const reading = reader.until(m.readTreeEnd);
    let isReading = true;
    const asking = (async () => {
      for (; isReading; between++) await other.ask(m.redisQuery);
    })();
    expect(filesOf(await reading)).toHaveLength(1999);
    isReading = false;
    await asking;
    expect(between).toBeGreaterThan(10);
  });
});
