import { connect, type Socket } from "node:net";
import { beaconMessage, encodeFrame, FrameDecoder } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { AddressServer } from "../src/index.js";

const settings = { host: "ctrl1", port: 25001 };
const data = { host: "ctrl1", port: 25002 };

/** Sends bytes in the given pieces, and resolves with the first `count` answers as `[type, text]`. */
async function ask(server: AddressServer, pieces: readonly Uint8Array[], count: number): Promise<[number, string][]> {
  const socket = await opened(server);
  const frames = new FrameDecoder();
  const answers: [number, string][] = [];
  try {
    const done = new Promise<void>((resolve, reject) => {
      socket.on("data", (chunk) => {
        for (const frame of frames.push(chunk)) answers.push([frame.type, Buffer.from(frame.payload).toString()]);
        if (answers.length >= count) resolve();
      });
      socket.on("close", () => reject(new Error("the server closed the connection")));
    });
    for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
    await done;
    return answers;
  } finally {
    socket.destroy();
  }
}

function opened(server: AddressServer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.host, () => resolve(socket));
    socket.once("error", reject);
  });
}

describe("AddressServer", () => {
  it("gives the bytes of real Beacon for both addresses", async () => {
    await using server = await AddressServer.start({ settings, data });
    const socket = await opened(server);
    const received: Buffer[] = [];
    const expected = "1f0000000b0000006374726c313a3235303031" + "220000000d000000317c6374726c317c3235303032";
    const done = new Promise<void>((resolve) =>
      socket.on("data", (chunk) => {
        received.push(chunk);
        if (Buffer.concat(received).length * 2 >= expected.length) resolve();
      }),
    );
    socket.write(Buffer.from("1e00000000000000" + "2000000002000000317c", "hex"));
    await done;
    socket.destroy();
    expect(Buffer.concat(received).toString("hex")).toBe(expected);
  });

  it("puts requests together however they were cut", async () => {
    await using server = await AddressServer.start({ settings, data });
    const bytes = encodeFrame(beaconMessage.redisDataQuery, "17|");
    const answers = await ask(
      server,
      [...bytes].map((byte) => Uint8Array.of(byte)),
      1,
    );
    expect(answers).toEqual([[beaconMessage.redisDataOk, "17|ctrl1|25002"]]);
  });

  it("tells unix sockets with the separator of each message", async () => {
    await using server = await AddressServer.start({
      settings: { path: "/run/a.sock" },
      data: { path: "/run/b.sock" },
    });
    const answers = await ask(
      server,
      [encodeFrame(beaconMessage.redisQuery), encodeFrame(beaconMessage.redisDataQuery, "1|")],
      2,
    );
    expect(answers).toEqual([
      [beaconMessage.redisAnswer, "localhost:/run/a.sock"],
      [beaconMessage.redisDataOk, "1|localhost|/run/b.sock"],
    ]);
  });

  it("says so when there is no data Redis", async () => {
    await using server = await AddressServer.start({ settings });
    const [answer] = await ask(server, [encodeFrame(beaconMessage.redisDataQuery, "3|")], 1);
    expect(answer?.[0]).toBe(beaconMessage.redisDataFailed);
    expect(answer?.[1]).toMatch(/^3\|/);
  });

  it("answers what it does not know with the frame -1 and the request's payload", async () => {
    await using server = await AddressServer.start({ settings, data });
    expect(await ask(server, [encodeFrame(beaconMessage.readFile, "7|sessions/a.yml")], 1)).toEqual([
      [beaconMessage.unknown, "7|sessions/a.yml"],
    ]);
  });

  it("drops a peer that announces an absurd length, and goes on serving the others", async () => {
    await using server = await AddressServer.start({ settings, data });
    const header = Buffer.alloc(8);
    header.writeInt32LE(30, 0);
    header.writeInt32LE(2_000_000_000, 4);
    await expect(ask(server, [header], 1)).rejects.toThrow("closed");
    expect(await ask(server, [encodeFrame(beaconMessage.redisQuery)], 1)).toHaveLength(1);
  });

  it("names the port that is taken", async () => {
    await using server = await AddressServer.start({ settings });
    await expect(AddressServer.start({ settings, port: server.port })).rejects.toThrow(
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${server.port}`),
    );
  });

  it("drops its clients when it closes, and closes twice", async () => {
    const server = await AddressServer.start({ settings });
    const socket = await opened(server);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await server.close();
    await closed;
    await server.close();
  });
});
