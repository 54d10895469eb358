import { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { encodeFrame, beaconMessage as m } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { Random } from "../../protocol/test/random.js";
import { BeaconServer } from "../src/index.js";
import { configFolder } from "./config-folder.js";
import { WireClient } from "./wire-client.js";

const settings = { host: "localhost", port: 1 };
const types = [...Object.values(m), 999, 2 ** 31 - 1, -(2 ** 31)];

/** A frame as no client sends it: of a random type with fields that may make sense, mutated or not. */
function randomFrame(random: Random): Uint8Array {
  const fields = ["1", "", "50", "-1", "a.yml", "motors", "../x", "a\0b", "é", "/", "~", "__proto__", "x".repeat(500)];
  const text = Array.from({ length: random.below(6) }, () => random.pick(fields)).join("|");
  const payload = random.below(4) === 0 ? random.bytes(random.below(200)) : Buffer.from(text);
  const frame = encodeFrame(random.pick(types), payload);
  for (let flips = random.below(3) === 0 ? 1 + random.below(3) : 0; flips > 0; flips--) {
    frame[random.below(frame.length)] = random.below(256);
  }
  return frame;
}

describe("a Beacon server among clients that misbehave", () => {
  it.each([1, 2, 3])("goes on serving beside thousands of frames without sense (seed %i)", async (seed) => {
    const random = new Random(seed);
    await using folder = await configFolder({ "motors/sim.yml": "- name: sx\n", "a.yml": "a" });
    const warnings: string[] = [];
    await using server = await BeaconServer.start({
      directory: folder.root,
      settings,
      maxFileBytes: 100_000,
      onWarning: (message) => warnings.push(message),
    });
    await using good = await WireClient.open(server);
    await folder.add("good.yml", "good");
    for (let round = 0; round < 60; round++) {
      await using bad = await WireClient.open(server);
      for (let sent = 0; sent < 30; sent++) {
        const frame = randomFrame(random);
        const cut = random.below(frame.length);
        bad.socket.write(frame.subarray(0, cut));
        bad.socket.write(frame.subarray(cut));
      }
      if (random.below(2) === 0) bad.socket.end();
      expect(await good.ask(m.redisQuery)).toEqual([m.redisAnswer, "localhost:1"]);
      if (round % 10 === 0) expect((await good.ask(m.names, "1|"))[0]).toBe(m.namesOk);
    }
    expect(await readdir(folder.outside)).toEqual([]);
    expect(warnings.every((message) => message.includes("is dropped"))).toBe(true);
  });

  it("drops who announces more than it takes, and nobody else", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string): unknown => warnings.push(message);
    await using server = await BeaconServer.start({ settings, maxFileBytes: 1000, onWarning });
    await using good = await WireClient.open(server);
    for (const length of [2_000_000_000, -1, 10_000]) {
      await using bad = await WireClient.open(server);
      const header = Buffer.from(encodeFrame(m.writeFile));
      header.writeInt32LE(length, 4);
      bad.socket.write(header);
      await bad.closed();
    }
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatch(/127\.0\.0\.1:\d+ is dropped: .*2000000000 bytes/);
    expect((await good.ask(m.redisQuery))[0]).toBe(m.redisAnswer);
  });

  it("takes a file of the largest size, and no longer requests of other kinds", async () => {
    await using folder = await configFolder();
    await using server = await BeaconServer.start({ directory: folder.root, settings, maxFileBytes: 1_000_000 });
    await using client = await WireClient.open(server);
    expect(await client.ask(m.writeFile, `1|big.dat|${"x".repeat(1_000_000)}`)).toEqual([m.writeFileOk, "1|0"]);
    expect((await client.ask(m.readFile, "2|big.dat"))[1]).toHaveLength(1_000_002);
    const [type, text] = await client.ask(m.readFile, `3|${"x".repeat(100_000)}`);
    expect([type, text]).toEqual([m.readFileFailed, expect.stringMatching(/^3\|.*100002 bytes/)]);
    expect((await client.ask(m.setClientName, `4|${"x".repeat(100_000)}`))[0]).toBe(m.unknown);
  });

  it("stops reading from a client that does not read, keeps little for it, and serves the others", async () => {
    await using folder = await configFolder({ "big.dat": "x".repeat(4 * 1024 * 1024) });
    await using server = await BeaconServer.start({ directory: folder.root, settings });
    await using good = await WireClient.open(server);
    await using slow = await WireClient.open(server);
    slow.socket.pause();
    const before = process.memoryUsage().rss;
    const request = Buffer.from(encodeFrame(m.readFile, "1|big.dat"));
    const requests = Buffer.concat(Array.from({ length: 1000 }, () => request)); // 4 GiB of answers
    slow.socket.write(requests);
    for (let round = 0; round < 50; round++) {
      expect((await good.ask(m.readFile, "1|big.dat"))[0]).toBe(m.readFileOk);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    slow.socket.resume();
    for (let answers = 0; answers < 20; answers++) expect((await slow.nextBytes()).type).toBe(m.readFileOk);
  });

  it("keeps half a frame while others come and go, and gives up nobody who is silent", async () => {
    await using server = await BeaconServer.start({ settings });
    await using silent = await WireClient.open(server);
    await using half = await WireClient.open(server);
    const frame = encodeFrame(m.redisQuery);
    half.socket.write(frame.subarray(0, 5));
    for (let round = 0; round < 100; round++) {
      await using other = await WireClient.open(server);
      expect((await other.ask(m.redisQuery))[0]).toBe(m.redisAnswer);
    }
    half.socket.write(frame.subarray(5));
    expect((await half.next())[0]).toBe(m.redisAnswer);
    expect((await silent.ask(m.redisQuery))[0]).toBe(m.redisAnswer);
  });

  it("serves 1,000 clients at once", async () => {
    await using server = await BeaconServer.start({ settings });
    const clients = await Promise.all(Array.from({ length: 1000 }, () => WireClient.open(server)));
    const answers = await Promise.all(clients.map((client, key) => client.ask(m.setClientName, `${key}|c${key}`)));
    expect(answers.map(([, text]) => text)).toEqual(clients.map((_, key) => `${key}|c${key}`));
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });
});
