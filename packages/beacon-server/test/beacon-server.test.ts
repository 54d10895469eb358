import { encodeFrame, beaconMessage as m } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { BeaconServer, type RedisLocation } from "../src/index.js";
import { WireClient } from "./wire-client.js";

const settings = { host: "ctrl1", port: 25001 };
const data = { host: "ctrl1", port: 25002 };

describe("a Beacon server", () => {
  it("tells where both Redis servers are", async () => {
    await using server = await BeaconServer.start({ settings, data });
    await using client = await WireClient.open(server);
    expect(await client.ask(m.redisQuery)).toEqual([m.redisAnswer, "ctrl1:25001"]);
    expect(await client.ask(m.redisDataQuery, "1|")).toEqual([m.redisDataOk, "1|ctrl1|25002"]);
  });

  it("tells local clients the Unix sockets of Redis", async () => {
    await using server = await BeaconServer.start({
      settings: { ...settings, path: "/run/redis.sock" },
      data: { path: "/run/redis_data.sock" },
    });
    await using client = await WireClient.open(server);
    expect(await client.ask(m.redisQuery)).toEqual([m.redisAnswer, "localhost:/run/redis.sock"]);
    expect(await client.ask(m.redisDataQuery, "7|")).toEqual([m.redisDataOk, "7|localhost|/run/redis_data.sock"]);
  });

  it("asks where Redis is at each request, as it may come back elsewhere", async () => {
    let location: RedisLocation = settings;
    await using server = await BeaconServer.start({ settings: () => location, data: () => location });
    await using client = await WireClient.open(server);
    await client.ask(m.redisQuery);
    location = { host: "ctrl2", port: 1 };
    expect(await client.ask(m.redisQuery)).toEqual([m.redisAnswer, "ctrl2:1"]);
    expect(await client.ask(m.redisDataQuery, "1|")).toEqual([m.redisDataOk, "1|ctrl2|1"]);
  });

  it("says so when there is no data Redis, or when it is away", async () => {
    const away = (): RedisLocation => {
      throw new Error("Redis is starting again");
    };
    await using without = await BeaconServer.start({ settings });
    await using client = await WireClient.open(without);
    expect(await client.ask(m.redisDataQuery, "3|")).toEqual([m.redisDataFailed, expect.stringMatching(/^3\|no data/)]);
    await using starting = await BeaconServer.start({ settings: away, data: away });
    await using other = await WireClient.open(starting);
    expect(await other.ask(m.redisDataQuery, "3|")).toEqual([m.redisDataFailed, "3|Redis is starting again"]);
    expect(await other.ask(m.redisQuery)).toEqual([m.unknown, ""]);
  });

  it("remembers the name of each connection", async () => {
    await using server = await BeaconServer.start({ settings });
    await using client = await WireClient.open(server);
    await using other = await WireClient.open(server);
    expect(await client.ask(m.getClientName, "0|")).toEqual([m.clientNameOk, "0|"]);
    expect(await client.ask(m.setClientName, "1|ctrl1:42")).toEqual([m.clientNameOk, "1|ctrl1:42"]);
    expect(await client.ask(m.getClientName, "2|")).toEqual([m.clientNameOk, "2|ctrl1:42"]);
    expect(await other.ask(m.getClientName, "0|")).toEqual([m.clientNameOk, "0|"]);
  });

  it("has no log server", async () => {
    await using server = await BeaconServer.start({ settings });
    await using client = await WireClient.open(server);
    expect(await client.ask(m.logServer, "2|")).toEqual([m.logServerFailed, "2|no log server"]);
  });

  it("answers types without meaning with the frame -1 and the request's payload", async () => {
    await using server = await BeaconServer.start({ settings });
    await using client = await WireClient.open(server);
    for (const type of [999, 89, 140, 0, -7, m.clientNameOk]) {
      expect(await client.ask(type, "5|z")).toEqual([m.unknown, "5|z"]);
    }
    client.send(1000, Uint8Array.of(0, 255, 124, 200));
    expect([...(await client.nextBytes()).payload]).toEqual([0, 255, 124, 200]);
  });

  it("puts requests together however they were cut, and takes joined ones in order", async () => {
    await using server = await BeaconServer.start({ settings, data });
    await using client = await WireClient.open(server);
    client.socket.setNoDelay(true);
    for (const byte of encodeFrame(m.redisDataQuery, "17|")) client.socket.write(Uint8Array.of(byte));
    expect(await client.next()).toEqual([m.redisDataOk, "17|ctrl1|25002"]);
    const joined = ["1", "2", "3"].map((key) => encodeFrame(m.redisDataQuery, `${key}|`));
    client.socket.write(Buffer.concat([...joined, encodeFrame(m.redisQuery)]));
    const answers = [await client.next(), await client.next(), await client.next(), await client.next()];
    expect(answers.map(([, text]) => text)).toEqual(["1|ctrl1|25002", "2|ctrl1|25002", "3|ctrl1|25002", "ctrl1:25001"]);
  });

  it("answers in the order of the requests, also when the first takes longer", async () => {
    await using server = await BeaconServer.start({ directory: import.meta.dirname, settings });
    await using client = await WireClient.open(server);
    client.send(m.names, "1|");
    client.send(m.readFile, "2|nothing");
    client.send(m.redisQuery);
    const types = [(await client.next())[0], (await client.next())[0], (await client.next())[0]];
    expect(types).toEqual([m.namesOk, m.readFileFailed, m.redisAnswer]);
  });

  it("fails requests of files when it has no directory, each in its own type", async () => {
    await using server = await BeaconServer.start({ settings });
    await using client = await WireClient.open(server);
    const failing = [
      [m.readFile, m.readFileFailed],
      [m.writeFile, m.writeFileFailed],
      [m.remove, m.removeFailed],
      [m.move, m.moveFailed],
      [m.names, m.namesFailed],
      [m.modules, m.modulesFailed],
    ] as const;
    for (const [type, failed] of failing) {
      expect(await client.ask(type, "4|a|b")).toEqual([failed, expect.stringMatching(/^4\|.*no configuration/)]);
    }
    client.send(m.readTree, "5|");
    expect((await client.until(m.readTreeEnd)).map(([type]) => type)).toEqual([m.readTreeFailed, m.readTreeEnd]);
  });
});
