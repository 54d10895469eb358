import { join } from "node:path";
import { beaconMessage as m } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import vectors from "../../../tooling/vectors/beacon-wire.json" with { type: "json" };
import { BeaconServer } from "../src/index.js";
import { type ConfigFolder, configFolder } from "./config-folder.js";
import { WireClient } from "./wire-client.js";

type Frame = (typeof vectors.transcripts)[number]["frames"][number];

/** The configuration that the reference served, from what it sent. */
async function capturedConfiguration(): Promise<ConfigFolder> {
  const folder = await configFolder({
    "sessions/demo_setup.py": "",
    "sessions/scripts/helpers.py": "",
    "ignored/__init__.yml": "bliss_ignored: true\n",
    "ignored/x.yml": "",
  });
  for (const { frames } of vectors.transcripts) {
    for (const { type, payload } of frames) {
      if (type !== m.readTreeFile) continue;
      const [, path = "", content = ""] = payload.split("|");
      await folder.add(path, content);
    }
  }
  return folder;
}

/**
 * What our server answers otherwise than the captured one, on purpose:
 * - 64 gives the files, where the reference answers −1 and is asked 60 next;
 * - the text of a failure says more;
 * - names of one directory come sorted, where the reference gives the order of the file system;
 * - absolute paths are those of this test.
 */
function same(ours: { type: number; payload: Buffer }, captured: Frame, root: string): void {
  const text = ours.payload.toString();
  expect([ours.type, captured.name]).toEqual([captured.type, captured.name]);
  if (captured.name.endsWith("_FAILED") && captured.payload.includes("|")) {
    expect(text.split("|")[0]).toBe(captured.payload.split("|")[0]);
  } else if (captured.type === m.namesOk) {
    const [key, ...json] = text.split("|");
    const [capturedKey, ...capturedJson] = captured.payload.split("|");
    expect(key).toBe(capturedKey);
    expect(JSON.parse(json.join("|"))).toEqual(JSON.parse(capturedJson.join("|")));
  } else if (captured.type === m.module) {
    expect(text.replace(root, "/beamline/config")).toBe(captured.payload);
  } else {
    expect(ours.payload.toString("hex")).toBe(captured.hex.slice(16));
  }
}

/**
 * After a request that the reference did not answer at once. Where it closed the connection instead ours says what is
 * wrong; of the others an answered request shows that the server has read them.
 */
async function unanswered(client: WireClient, type: number): Promise<void> {
  if (type === m.move) expect((await client.next())[0]).toBe(m.moveFailed);
  else if (type === m.readFile) expect((await client.next())[0]).toBe(m.readFileFailed);
  else expect(await client.ask(m.logServer, "read|")).toEqual([m.logServerFailed, "read|no log server"]);
}

const isUnixSwitch = (frames: readonly Frame[]): boolean => frames.some(({ type }) => type === m.socketOk);
const isLocal = (frames: readonly Frame[]): boolean => frames.some(({ payload }) => payload.includes("redis.sock"));

describe("the conversations of BLISS's clients with its own server, replayed on ours", () => {
  it.each(vectors.transcripts.map(({ name, frames }) => [name, frames] as const))("%s", async (_, frames) => {
    await using folder = await capturedConfiguration();
    // the captured server knew Unix sockets where the transcript shows them
    const path = (name: string): { path?: string } => (isLocal(frames) ? { path: `/run/${name}.sock` } : {});
    await using server = await BeaconServer.start({
      directory: folder.root,
      settings: { host: "ctrl1", port: 25001, ...path("redis") },
      data: { host: "ctrl1", port: 25002, ...path("redis_data") },
      hostname: "ctrl1",
      ...(isUnixSwitch(frames) ? { socket: join(folder.outside, "beacon.sock") } : {}),
    });
    const clients = new Map<number, WireClient>();
    const clientOf = async (connection: number): Promise<WireClient> => {
      const isOnSocket = isUnixSwitch(frames) && connection === 2;
      const target = isOnSocket ? { path: join(folder.outside, "beacon.sock") } : server;
      const client = clients.get(connection) ?? (await WireClient.open(target));
      clients.set(connection, client);
      return client;
    };
    let answers = 0;
    for (const [index, frame] of frames.entries()) {
      const client = await clientOf(frame.connection);
      const answer = frames.slice(index + 1).find(({ connection }) => connection === frame.connection);
      if (frame.direction === "client->server") {
        client.send(frame.type, Buffer.from(frame.hex.slice(16), "hex"));
        if (answer?.direction !== "server->client" || answer !== frames[index + 1])
          await unanswered(client, frame.type);
      } else if (frame.name === "UNKNOWN" && frames[index - 1]?.type === m.readTree2) {
        const key = frame.payload.split("|")[0];
        expect((await client.until(m.readTreeEnd)).at(-1)).toEqual([m.readTreeEnd, `${key}|`]);
      } else if (frame.type === m.socketOk) {
        expect(await client.next()).toEqual([m.socketOk, join(folder.outside, "beacon.sock")]);
      } else {
        same(await client.nextBytes(), frame, folder.root);
        answers++;
      }
      if (answer) continue;
      expect(client.waiting).toBe(0);
      await client.end();
    }
    expect(answers).toBeGreaterThan(0);
  });

  it("covers every request of the captured clients", () => {
    const types = new Set(vectors.transcripts.flatMap(({ frames }) => frames.map(({ type }) => type)));
    expect(types.size).toBeGreaterThan(30);
  });
});
