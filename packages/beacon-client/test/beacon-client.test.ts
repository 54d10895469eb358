import { VirtualClock } from "@beamtime/concurrency";
import { beaconMessage as message } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { BeaconError, connectBeacon } from "../src/index.js";
import { passTime } from "./pass-time.js";
import { ScriptedBeacon } from "./scripted-beacon.js";

describe("connectBeacon", () => {
  it("tells the server its name before anything else", async () => {
    await using server = await ScriptedBeacon.start(
      ({ type, payload, answer }) => type === message.setClientName && answer(message.clientNameOk, payload),
      { greet: false },
    );
    await using beacon = await connectBeacon({ address: server.address, name: "here:1" });
    expect(server.requests.map(({ type, payload }) => [type, payload])).toEqual([[110, "0|here:1"]]);
    expect(beacon.state).toBe("ready");
    expect(beacon.address).toBe(server.address);
  });

  it("takes a server that has no names for one", async () => {
    await using server = await ScriptedBeacon.start(({ payload, answer }) => answer(message.unknown, payload), {
      greet: false,
    });
    await using beacon = await connectBeacon({ address: server.address });
    expect(beacon.state).toBe("ready");
  });

  it("says what to check when there is no server, or something else", async () => {
    await expect(connectBeacon({ address: "127.0.0.1:1" })).rejects.toThrow(/127.0.0.1:1 cannot be reached.*check/);
    await expect(connectBeacon({ address: "/nowhere/beacon.sock" })).rejects.toThrow(BeaconError);
    await using other = await ScriptedBeacon.start(({ answer }) => answer(99, "hello"), { greet: false });
    await expect(connectBeacon({ address: other.address })).rejects.toThrow("message 99");
    await using web = await ScriptedBeacon.start(({ socket }) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"), {
      greet: false,
    });
    await expect(connectBeacon({ address: web.address })).rejects.toMatchObject({ code: "BEACON" });
    await expect(connectBeacon({ name: "a|b" })).rejects.toMatchObject({ argument: "name" });
  });

  it("gives up a server that says nothing, and when it is told to", async () => {
    await using silent = await ScriptedBeacon.start(undefined, { greet: false });
    const clock = new VirtualClock();
    const connecting = connectBeacon({ address: silent.address, clock });
    await silent.request(message.setClientName);
    await expect(passTime(clock, connecting)).rejects.toThrow("did not answer within 5 s");
    const abort = new AbortController();
    const aborted = connectBeacon({ address: silent.address, signal: abort.signal });
    await silent.request(message.setClientName);
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
  });
});

describe("a request", () => {
  it("is answered by its key, whatever else is under way and however it is cut", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const read = ["a", "b", "c"].map((path) => beacon.readFile(path));
    const asked = [];
    for (const _ of read) asked.push(await server.request(message.readFile));
    for (const { key, payload, socket } of asked.reverse()) {
      const text = `${key}|content of ${payload.split("|")[1]} | with a bar`;
      const frame = Buffer.alloc(8 + text.length);
      frame.writeInt32LE(message.readFileOk, 0);
      frame.writeInt32LE(text.length, 4);
      frame.write(text, 8);
      for (const byte of frame) socket.write(Uint8Array.of(byte));
    }
    expect(await Promise.all(read)).toEqual(["a", "b", "c"].map((path) => `content of ${path} | with a bar`));
  });

  it.each([
    ["ctrl1:25001", "ctrl1|25002", { host: "ctrl1", port: 25001 }, { host: "ctrl1", port: 25002 }],
    ["localhost:/run/r.sock", "localhost|/run/d.sock", { path: "/run/r.sock" }, { path: "/run/d.sock" }],
  ])("for the addresses of Redis understands %s and %s", async (settings, data, settingsTarget, dataTarget) => {
    await using server = await ScriptedBeacon.start(({ type, key, answer }) => {
      if (type === message.redisQuery) answer(message.redisAnswer, settings);
      else answer(message.redisDataOk, `${key}|${data}`);
    });
    await using beacon = await connectBeacon({ address: server.address });
    expect(await Promise.all([beacon.settingsRedis(), beacon.dataRedis(), beacon.settingsRedis()])).toEqual([
      settingsTarget,
      dataTarget,
      settingsTarget,
    ]);
  });

  it.each([
    ["an unknown request", message.unknown, "", "does not know that request"],
    ["another answer", 99, "|a", "message 99"],
    ["no data Redis", message.redisDataFailed, "|none is configured", "none is configured"],
    ["no address", message.redisDataOk, "|localhost", "'localhost'"],
  ])("that is answered with %s is a clear error", async (_, type, rest, expected) => {
    await using server = await ScriptedBeacon.start(({ key, answer }) => answer(type, `${key}${rest || "|"}`));
    await using beacon = await connectBeacon({ address: server.address });
    await expect(beacon.dataRedis()).rejects.toMatchObject({
      code: "BEACON",
      address: server.address,
      message: expect.stringMatching(new RegExp(`cannot ask for the data Redis.*${expected}`)),
    });
  });

  it("that the server refuses names the path", async () => {
    await using server = await ScriptedBeacon.start(({ type, key, answer }) => answer(type + 1, `${key}|no disk`));
    await using beacon = await connectBeacon({ address: server.address });
    const refused = (action: string, path: string) => ({ code: "BEACON_FILE", action, path, address: server.address });
    await expect(beacon.readFile("a.yml")).rejects.toMatchObject(refused("read", "a.yml"));
    await expect(beacon.writeFile("a.yml", "x")).rejects.toMatchObject(refused("write", "a.yml"));
    await expect(beacon.removeFile("a.yml")).rejects.toMatchObject(refused("remove", "a.yml"));
    await expect(beacon.moveFile("a.yml", "b.yml")).rejects.toMatchObject(refused("move", "a.yml"));
    await expect(beacon.listFiles("folder")).rejects.toThrow("cannot list 'folder': no disk");
    await expect(beacon.modules("folder")).rejects.toMatchObject(refused("list", "folder"));
    await expect(beacon.readFile("a|b")).rejects.toMatchObject({ argument: "path" });
    await expect(beacon.moveFile("a", "a|b")).rejects.toMatchObject({ argument: "path" });
  });

  it("for names is read as paths, for what is no tree of names as an error", async () => {
    const trees = [
      '{"a": {"b.yml": null, "empty": {}}, "0.py": null, "__proto__": {"c": null}}',
      "[1]",
      "{",
      '{"a": 1}',
    ];
    await using server = await ScriptedBeacon.start(({ key, answer }) =>
      answer(message.namesOk, `${key}|${trees.shift()}`),
    );
    await using beacon = await connectBeacon({ address: server.address });
    expect(await beacon.listFiles("/base/")).toEqual(["base/0.py", "base/__proto__/c", "base/a/b.yml"]);
    for (let left = trees.length; left > 0; left--) await expect(beacon.listFiles()).rejects.toThrow(BeaconError);
  });

  it("for the configuration asks as 2.x does, then as 1.11 does, and keeps what could not be read apart", async () => {
    await using server = await ScriptedBeacon.start(({ type, key, payload, socket, answer }) => {
      if (type === message.readTree2) return answer(message.unknown, payload);
      answer(message.readTreeFile, `${key}|a.yml|a: "|"\n`);
      answer(message.readTreeFailed, `${key}|UnicodeDecodeError`);
      const binary = Buffer.concat([Buffer.from(`${key}|b.yml|`), Uint8Array.of(0xff)]);
      const header = Buffer.alloc(8);
      header.writeInt32LE(message.readTreeFile, 0);
      header.writeInt32LE(binary.length, 4);
      socket.write(Buffer.concat([header, binary]));
      answer(message.readTreeEnd, `${key}|`);
    });
    await using beacon = await connectBeacon({ address: server.address });
    expect(await beacon.readConfigFiles("base")).toEqual({
      files: [{ path: "a.yml", content: 'a: "|"\n' }],
      problems: [{ message: "UnicodeDecodeError" }, { path: "b.yml", message: "the file is no UTF-8 text" }],
    });
    expect(server.requests.map(({ type, payload }) => [type, payload])).toEqual([
      [64, "1|base"],
      [60, "2|base"],
    ]);
  });

  it("ends when it is told to, and its late answer disturbs nobody", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const abort = new AbortController();
    const first = beacon.readFile("a", { signal: abort.signal });
    const { key, answer } = await server.request(message.readFile);
    abort.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    answer(message.readFileOk, `${key}|late`);
    answer(message.readFileOk, "777|never asked");
    const second = beacon.readFile("b");
    const asked = await server.request(message.readFile);
    asked.answer(message.readFileOk, `${asked.key}|in time`);
    expect(await second).toBe("in time");
    expect(server.sockets.size).toBe(1);
  });
});

describe("a lost connection", () => {
  it("is made anew: what reads is asked again, what writes is rejected, what is asked meanwhile waits", async () => {
    await using server = await ScriptedBeacon.start(({ connection, type, key, answer }) => {
      if (connection > 1) answer(type + 2, `${key}|read`);
    });
    await using beacon = await connectBeacon({ address: server.address });
    const states: string[] = [];
    beacon.onState((state) => states.push(state));
    const read = beacon.readFile("a");
    const write = beacon.writeFile("b", "content");
    write.catch(() => {});
    await server.request(message.writeFile);
    server.drop();
    await expect(write).rejects.toThrow(/cannot write 'b'.*may or may not have been done/);
    const later = beacon.readFile("c");
    expect(await Promise.all([read, later])).toEqual(["read", "read"]);
    expect(states).toEqual(["lost", "ready"]);
  });

  it("fails what waits for it once that is too long, and says why", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address, clock });
    const lost = new Promise((resolve) => beacon.onState(resolve));
    await server.stop();
    expect(await lost).toBe("lost");
    await expect(passTime(clock, beacon.dataRedis())).rejects.toThrow(
      /did not come back within 10 s: .*cannot be reached/,
    );
    expect(beacon.lastError).toBeInstanceOf(BeaconError);
  });

  it("is not repeated for ever by a request that makes the server close it", async () => {
    await using server = await ScriptedBeacon.start(({ payload, type, key, answer, socket }) => {
      if (payload.endsWith("bad")) socket.destroy();
      else if (!payload.endsWith("slow")) answer(type + 2, `${key}|fine`);
    });
    await using beacon = await connectBeacon({ address: server.address });
    const bad = beacon.readFile("bad");
    const good = Array.from({ length: 5 }, (_, index) => beacon.readFile(`good ${index}`));
    await expect(bad).rejects.toThrow(/cannot read 'bad'.*closed the connection/);
    expect(await Promise.all(good)).toEqual(good.map(() => "fine"));
  });

  it("is what a server that falls silent has, and nobody waits for it for ever", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start(({ connection, type, key, answer }) => {
      if (connection > 1) answer(type + 2, `${key}|awake`);
    });
    await using beacon = await connectBeacon({ address: server.address, clock });
    const read = beacon.readFile("a");
    await server.request(message.readFile);
    await expect(passTime(clock, read)).rejects.toThrow(/cannot read 'a'.*said nothing for 10 s/);
    expect(await passTime(clock, beacon.readFile("b"))).toBe("awake");
  });

  it("is what bytes that are no Beacon frames make of it", async () => {
    await using server = await ScriptedBeacon.start(({ connection, type, key, socket, answer }) => {
      if (connection === 1) socket.write(Buffer.alloc(64, 0xff));
      else answer(type + 2, `${key}|fine`);
    });
    await using beacon = await connectBeacon({ address: server.address });
    expect(await beacon.readFile("a")).toBe("fine");
  });

  it("ends when the client is closed: everything under way is told", async () => {
    await using server = await ScriptedBeacon.start();
    const beacon = await connectBeacon({ address: server.address });
    const read = beacon.readFile("a");
    await server.request(message.readFile);
    server.drop();
    await new Promise((resolve) => beacon.onState(resolve));
    await beacon.close();
    await beacon.close();
    await expect(read).rejects.toThrow("is closed");
    await expect(beacon.readFile("b")).rejects.toThrow("is closed");
    expect(beacon.state).toBe("closed");
  });
});
