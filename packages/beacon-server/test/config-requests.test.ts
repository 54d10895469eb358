import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beaconMessage as m } from "@beamtime/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BeaconServer } from "../src/index.js";
import { type ConfigFolder, configFolder } from "./config-folder.js";
import { WireClient } from "./wire-client.js";

const settings = { host: "localhost", port: 1 };
let folder: ConfigFolder;
let server: BeaconServer;
let client: WireClient;

beforeEach(async () => {
  folder = await configFolder({ "__init__.yml": "beamline: id99\n", "motors/sim.yml": "- name: sx\n" });
  await writeFile(join(folder.outside, "secret.yml"), "secret: 1\n");
  server = await BeaconServer.start({ directory: folder.root, settings });
  client = await WireClient.open(server);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
  await folder[Symbol.asyncDispose]();
});

const content = (path: string): Promise<string> => readFile(join(folder.root, path), "utf8");
const failed = (type: number, key: number): unknown => [type, expect.stringMatching(new RegExp(`^${key}\\|.`))];

describe("reading a file", () => {
  it.each(["motors/sim.yml", "/motors/sim.yml", "motors/../motors/sim.yml"])("gives %s", async (path) => {
    expect(await client.ask(m.readFile, `1|${path}`)).toEqual([m.readFileOk, "1|- name: sx\n"]);
  });

  it("takes the absolute path of a module", async () => {
    const path = join(folder.root, "motors/sim.yml");
    expect(await client.ask(m.readFile, `1|${path}`)).toEqual([m.readFileOk, "1|- name: sx\n"]);
  });

  it("gives the bytes as they are, whatever they are", async () => {
    await folder.add("raw.dat", Uint8Array.of(0, 124, 255, 10));
    client.send(m.readFile, "1|raw.dat");
    expect([...(await client.nextBytes()).payload]).toEqual([0x31, 0x7c, 0, 124, 255, 10]);
  });

  it.each(["nope.yml", "motors", "", "../outside/secret.yml", "motors/../../outside/secret.yml", "a\0b"])(
    "fails for %j",
    async (path) => {
      expect(await client.ask(m.readFile, `1|${path}`)).toEqual(failed(m.readFileFailed, 1));
    },
  );

  it("gives what is in it now, however often it is asked", async () => {
    for (const text of ["first", "other", "third, longer"]) {
      await folder.add("a.yml", text);
      expect(await client.ask(m.readFile, "1|a.yml")).toEqual([m.readFileOk, `1|${text}`]);
      expect(await client.ask(m.readFile, "2|a.yml")).toEqual([m.readFileOk, `2|${text}`]);
    }
  });

  it("follows links, as shared configuration is linked in", async () => {
    await symlink(folder.outside, join(folder.root, "shared"));
    expect(await client.ask(m.readFile, "1|shared/secret.yml")).toEqual([m.readFileOk, "1|secret: 1\n"]);
  });
});

describe("writing a file", () => {
  it("makes the directories above, and keeps bars and bytes of the content", async () => {
    expect(await client.ask(m.writeFile, "1|a/b/c.dat|x: 1 | é\n")).toEqual([m.writeFileOk, "1|0"]);
    expect(await content("a/b/c.dat")).toBe("x: 1 | é\n");
  });

  it("replaces what is there, keeps its mode and leaves nothing beside it", async () => {
    await chmod(join(folder.root, "motors/sim.yml"), 0o640);
    expect(await client.ask(m.writeFile, "1|motors/sim.yml|new")).toEqual([m.writeFileOk, "1|0"]);
    expect(await content("motors/sim.yml")).toBe("new");
    expect((await stat(join(folder.root, "motors/sim.yml"))).mode & 0o777).toBe(0o640);
    expect(await readdir(join(folder.root, "motors"))).toEqual(["sim.yml"]);
  });

  it.each(["motors", "", "../outside/new.yml", "../config/../outside/new.yml", `motors/${"x".repeat(300)}`])(
    "fails for %j and changes nothing",
    async (path) => {
      expect(await client.ask(m.writeFile, `1|${path}|new`)).toEqual(failed(m.writeFileFailed, 1));
      expect(await readdir(folder.outside)).toEqual(["secret.yml"]);
      expect(await readdir(folder.root)).toEqual(["__init__.yml", "motors"]);
    },
  );

  it("leaves no directory behind when it fails below a file", async () => {
    expect(await client.ask(m.writeFile, "1|motors/sim.yml/deep/x.yml|new")).toEqual(failed(m.writeFileFailed, 1));
    expect(await client.ask(m.writeFile, "2|no content")).toEqual(failed(m.writeFileFailed, 2));
    expect(await content("motors/sim.yml")).toBe("- name: sx\n");
  });

  it("refuses to go through a link that leaves the configuration", async () => {
    await symlink(folder.outside, join(folder.root, "shared"));
    await symlink(join(folder.outside, "secret.yml"), join(folder.root, "secret.yml"));
    for (const path of ["shared/secret.yml", "shared/new/deep.yml", "secret.yml"]) {
      expect(await client.ask(m.writeFile, `1|${path}|new`)).toEqual(failed(m.writeFileFailed, 1));
    }
    expect(await client.ask(m.remove, "2|shared/secret.yml")).toEqual(failed(m.removeFailed, 2));
    expect(await client.ask(m.move, "3|shared/secret.yml|mine.yml")).toEqual(failed(m.moveFailed, 3));
    expect(await client.ask(m.move, "4|motors/sim.yml|shared/sim.yml")).toEqual(failed(m.moveFailed, 4));
    expect(await readdir(folder.outside)).toEqual(["secret.yml"]);
    expect(await readFile(join(folder.outside, "secret.yml"), "utf8")).toBe("secret: 1\n");
  });

  it("writes through a link that stays inside, which stays a link", async () => {
    await symlink("motors/sim.yml", join(folder.root, "link.yml"));
    expect(await client.ask(m.writeFile, "1|link.yml|new")).toEqual([m.writeFileOk, "1|0"]);
    expect(await content("motors/sim.yml")).toBe("new");
    expect((await lstat(join(folder.root, "link.yml"))).isSymbolicLink()).toBe(true);
  });

  it("shows readers a whole file at any moment", async () => {
    await using writer = await WireClient.open(server);
    const texts = ["a".repeat(100_000), "b".repeat(200_000)];
    await folder.add("big.yml", texts[0] ?? "");
    let isWriting = true;
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await writer.ask(m.writeFile, `1|big.yml|${texts[round % 2]}`);
      isWriting = false;
    })();
    while (isWriting) {
      const [type, text] = await client.ask(m.readFile, "1|big.yml");
      expect([type, texts.includes(text.slice(2))]).toEqual([m.readFileOk, true]);
    }
    await writing;
  });

  it("takes writes of many clients one after the other, the last whole one stays", async () => {
    const writers = await Promise.all(Array.from({ length: 10 }, () => WireClient.open(server)));
    const answers = await Promise.all(
      writers.map((writer, index) => writer.ask(m.writeFile, `1|same/file.yml|${String(index).repeat(50_000)}`)),
    );
    expect(answers.every(([type]) => type === m.writeFileOk)).toBe(true);
    expect(await content("same/file.yml")).toMatch(/^(\d)\1{49999}$/);
    expect(await readdir(join(folder.root, "same"))).toEqual(["file.yml"]);
    await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  });
});

describe("removing and moving", () => {
  it("removes files and trees with the directories that are empty then; nothing there is fine", async () => {
    await folder.add("a/b/c/one.yml", "");
    await folder.add("a/b/two.yml", "");
    expect(await client.ask(m.remove, "1|a/b/c/one.yml")).toEqual([m.removeOk, "1|0"]);
    expect(await readdir(join(folder.root, "a/b"))).toEqual(["two.yml"]);
    expect(await client.ask(m.remove, "2|a/b")).toEqual([m.removeOk, "2|0"]);
    expect(await client.ask(m.remove, "3|a/b")).toEqual([m.removeOk, "3|0"]);
    expect(await readdir(folder.root)).toEqual(["__init__.yml", "motors"]);
  });

  it("removes a link, not what it leads to", async () => {
    await symlink(folder.outside, join(folder.root, "shared"));
    expect(await client.ask(m.remove, "1|shared")).toEqual([m.removeOk, "1|0"]);
    expect(await readdir(folder.outside)).toEqual(["secret.yml"]);
  });

  it("never removes or moves the root", async () => {
    for (const path of ["", "/", "motors/..", folder.root]) {
      expect(await client.ask(m.remove, `1|${path}`)).toEqual(failed(m.removeFailed, 1));
      expect(await client.ask(m.move, `2|${path}|x`)).toEqual(failed(m.moveFailed, 2));
    }
    expect(await client.ask(m.remove, "1|../outside")).toEqual(failed(m.removeFailed, 1));
    expect(await readdir(folder.outside)).toEqual(["secret.yml"]);
  });

  it("moves files and directories to places that are made, over files that are there", async () => {
    expect(await client.ask(m.move, "1|motors/sim.yml|deep/er/sim.yml")).toEqual([m.moveOk, "1|0"]);
    expect(await readdir(folder.root)).toEqual(["__init__.yml", "deep"]);
    await folder.add("other.yml", "other");
    expect(await client.ask(m.move, "2|other.yml|deep/er/sim.yml")).toEqual([m.moveOk, "2|0"]);
    expect(await client.ask(m.move, "3|deep|shallow")).toEqual([m.moveOk, "3|0"]);
    expect(await content("shallow/er/sim.yml")).toBe("other");
  });

  it("fails to move what is not there, into itself, or over a directory, and changes nothing", async () => {
    await mkdir(join(folder.root, "empty"));
    for (const names of ["nope|x/y", "motors|motors/deep/er", "__init__.yml|motors", "motors", "motors|../outside/m"]) {
      expect(await client.ask(m.move, `1|${names}`)).toEqual(failed(m.moveFailed, 1));
    }
    expect(await readdir(folder.root)).toEqual(["__init__.yml", "empty", "motors"]);
    expect(await readdir(join(folder.root, "motors"))).toEqual(["sim.yml"]);
  });
});

describe("listing names", () => {
  const tree = async (base: string): Promise<unknown> => {
    const [type, text] = await client.ask(m.names, `1|${base}`);
    expect(type).toBe(m.namesOk);
    return JSON.parse(text.slice(2));
  };

  it("gives directories as objects and files of any kind as null, without .git and names with a ~", async () => {
    for (const path of [".git/config", "motors/sim.yml~", "sessions/a.py", "__proto__", ".hidden/x"]) {
      await folder.add(path, "");
    }
    expect(await tree("")).toEqual(
      JSON.parse(
        '{"__init__.yml":null,"__proto__":null,".hidden":{"x":null},"motors":{"sim.yml":null},"sessions":{"a.py":null}}',
      ),
    );
    expect(await tree("/motors/")).toEqual({ "sim.yml": null });
  });

  it("ends where links go in a circle", async () => {
    await symlink("..", join(folder.root, "motors/up"));
    expect(await tree("")).toEqual({ "__init__.yml": null, motors: { "sim.yml": null, up: {} } });
  });

  it.each(["nope", "motors/sim.yml", "../outside"])("fails for %s", async (base) => {
    expect(await client.ask(m.names, `1|${base}`)).toEqual(failed(m.namesFailed, 1));
  });
});

describe("listing Python modules", () => {
  it("gives modules and packages by dotted name with their absolute path", async () => {
    for (const path of ["__init__.py", "b.py", "a.py", "no.pkg/x.py", "plain/x.py", "pkg/__init__.py", "pkg/in.py"]) {
      await folder.add(`scripts/${path}`, "");
    }
    client.send(m.modules, "1|scripts");
    const answers = await client.until(m.modulesEnd);
    const scripts = join(folder.root, "scripts");
    expect(answers).toEqual([
      [m.module, `1|a|${scripts}/a.py`],
      [m.module, `1|b|${scripts}/b.py`],
      [m.module, `1|pkg|${scripts}/pkg/__init__.py`],
      [m.module, `1|pkg.in|${scripts}/pkg/in.py`],
      [m.modulesEnd, "1|"],
    ]);
  });

  it("gives none of a missing directory, and fails outside", async () => {
    expect(await client.ask(m.modules, "1|nope")).toEqual([m.modulesEnd, "1|"]);
    expect(await client.ask(m.modules, "2|../outside")).toEqual(failed(m.modulesFailed, 2));
  });
});
