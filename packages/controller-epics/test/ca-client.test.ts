import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Disposer } from "@beamtime/concurrency";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeCaMessage } from "../src/ca-message.js";
import { CaClient } from "../src/index.js";
import { failureOf, Heard, Ioc, python } from "./ioc.js";

let disposer: Disposer;

beforeEach(() => {
  disposer = new Disposer();
});

afterEach(() => disposer[Symbol.asyncDispose]());

function clientOf(address: string, timeout?: number): CaClient {
  return disposer.use(new CaClient({ addresses: [address], timeout }));
}

async function setUp() {
  const ioc = disposer.use(await Ioc.start("motor"));
  return { ioc, epics: clientOf(ioc.address, 10) };
}

describe.skipIf(!python)("process variables of an IOC", () => {
  it("are read as numbers and as texts, with alarm and time", async () => {
    const { epics } = await setUp();
    expect(await epics.get("sim:m1.VELO")).toMatchObject({ value: 500, severity: 0, status: 0 });
    const { time } = await epics.get("sim:m1.VELO");
    expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(600);
    expect(await epics.getText("sim:m1.SPMG")).toBe("Go");
    expect((await epics.get("sim:m1.SPMG")).value).toBe(3);
  });

  it("are written, by number and by word", async () => {
    const { epics } = await setUp();
    await epics.putAndWait("sim:m1.VELO", 2.5);
    expect((await epics.get("sim:m1.VELO")).value).toBe(2.5);
    await epics.putAndWait("sim:m1.SPMG", "Pause");
    expect((await epics.get("sim:m1.SPMG")).value).toBe(1);
    await epics.putAndWait("sim:m1.SPMG", 3);
    expect(await epics.getText("sim:m1.SPMG")).toBe("Go");
  });

  it("complete a put when the motion has ended, and take another meanwhile", async () => {
    const { epics } = await setUp();
    let isDone = false;
    const done = epics.putAndWait("sim:m1.VAL", 800).then(() => {
      isDone = true;
    });
    const moving = new Heard<number | string>();
    epics.monitor("sim:m1.DMOV", { value: ({ value }) => moving.take(value) });
    await moving.until((value) => value === 0);
    expect(isDone).toBe(false);
    await epics.put("sim:m1.STOP", 1);
    await done;
    const { value } = await epics.get("sim:m1.RBV");
    expect(value).toBeLessThan(800);
  });

  it("tell of their changes until nobody listens", async () => {
    const { ioc, epics } = await setUp();
    const other = clientOf(ioc.address);
    const heard = new Heard<number | string>();
    const stop = epics.monitor("sim:m1.VELO", { value: ({ value }) => heard.take(value) });
    await heard.until((value) => value === 500);
    await other.putAndWait("sim:m1.VELO", 3);
    await heard.until((value) => value === 3);
    stop();
    await other.putAndWait("sim:m1.VELO", 4);
    await epics.get("sim:m1.VELO"); // whatever was under way comes before this
    expect(heard.all).toEqual([500, 3]);
  });

  it("say what the IOC has against a value", async () => {
    const { epics } = await setUp();
    const failure = await failureOf(epics.putAndWait("sim:m1.VELO", "fast"));
    expect(failure).toMatchObject({ name: "EpicsRefusedError", code: "EPICS_REFUSED", pv: "sim:m1.VELO" });
    expect(failure.message).toContain("sim:m1.VELO could not be set to fast");
    expect(await failureOf(epics.put("sim:m1.DMOV", 1))).toMatchObject({ name: "EpicsRefusedError" });
  });

  it("are gone with their IOC, and back with it, monitors included", async () => {
    const { ioc, epics } = await setUp();
    const heard = new Heard<number | string>();
    epics.monitor("sim:m1.VELO", { value: ({ value }) => heard.take(value), lost: ({ name }) => heard.take(name) });
    await heard.until((value) => value === 500);
    const moving = new Heard<number | string>();
    epics.monitor("sim:m1.DMOV", { value: ({ value }) => moving.take(value) });
    const motion = failureOf(epics.putAndWait("sim:m1.VAL", 10));
    await moving.until((value) => value === 0);
    await ioc.kill();
    expect(await motion).toMatchObject({ name: "EpicsDisconnectedError", code: "EPICS_DISCONNECTED" });
    await heard.until((value) => value === "EpicsDisconnectedError");
    disposer.use(await Ioc.start("motor", ioc.address));
    const before = heard.all.length;
    await heard.until((value) => value === 500, Math.max(0, before - 1));
    await epics.putAndWait("sim:m1.VELO", 7);
    await heard.until((value) => value === 7);
    expect((await epics.get("sim:m1.VELO")).value).toBe(7);
  });

  it("are not waited for when the IOC hears nothing", async () => {
    const ioc = disposer.use(await Ioc.start("motor"));
    const epics = clientOf(ioc.address, 2);
    await epics.connect("sim:m1.VELO");
    ioc.freeze();
    expect(await failureOf(epics.get("sim:m1.VELO"))).toMatchObject({
      code: "EPICS_TIMEOUT",
      message: "sim:m1.VELO could not be read: its IOC did not answer within 2 s",
    });
    ioc.thaw();
    expect((await epics.get("sim:m1.VELO")).value).toBe(500);
  });

  it("are dealt with without a word on the terminal", async () => {
    const spies = (["log", "info", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
    const writes = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    try {
      const { ioc, epics } = await setUp();
      await epics.putAndWait("sim:m1.VELO", 2);
      await ioc.kill();
      await failureOf(clientOf(ioc.address, 0.2).get("sim:m1.VELO"));
      for (const spy of [...spies, ...writes]) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of [...spies, ...writes]) spy.mockRestore();
    }
  });
});

/** A server that says where it is, and then whatever the test wants. */
async function hostileServer(talk: (socket: Socket) => void): Promise<string> {
  const tcp = createServer((socket) => {
    socket.on("error", () => {}).resume();
    talk(socket);
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as { port: number }; // a TCP server
  const udp = createSocket("udp4", (question, { port: asker }) => {
    const id = question.readUInt32BE(question.length - Math.ceil("evil\0".length / 8) * 8 - 4);
    udp.send(encodeCaMessage({ command: 6, dataType: port, p1: 0xffffffff, p2: id }), asker, "127.0.0.1");
  });
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  disposer.defer(() => new Promise((resolve) => udp.close(() => resolve(undefined))));
  disposer.defer(() => new Promise((resolve) => tcp.close(resolve)));
  return `127.0.0.1:${udp.address().port}`;
}

describe("a client of Channel Access", () => {
  it("says where it has asked for a name that nobody has", async () => {
    const epics = clientOf("127.0.0.1:9", 0.2);
    expect(await failureOf(epics.get("no:such"))).toMatchObject({
      code: "EPICS_TIMEOUT",
      pv: "no:such",
      message: expect.stringContaining("no:such was not found within 0.2 s, asking 127.0.0.1:9: see that its IOC runs"),
    });
  });

  it("ends a search with the reason of the signal", async () => {
    const epics = clientOf("127.0.0.1:9");
    const abort = new AbortController();
    const searching = failureOf(epics.get("no:such", { signal: abort.signal }));
    abort.abort(new Error("enough"));
    expect((await searching).message).toBe("enough");
  });

  it("ends what waits when it is closed", async () => {
    const epics = new CaClient({ addresses: ["127.0.0.1:9"] });
    const searching = failureOf(epics.get("no:such"));
    await epics[Symbol.asyncDispose]();
    expect(await searching).toMatchObject({ code: "EPICS_DISCONNECTED" });
    await epics[Symbol.asyncDispose]();
  });

  it.each([
    ["an endless message", Buffer.from("000fffff00060000000000010000000180000000ffffffff", "hex")],
    ["no Channel Access at all", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["answers that nobody has asked for", encodeCaMessage({ command: 15, dataType: 20, p1: 1, p2: 77 })],
  ])("survives a server that sends %s", async (_, bytes) => {
    let connections = 0;
    const address = await hostileServer((socket) => {
      connections += 1;
      socket.end(bytes);
    });
    const epics = clientOf(address, 0.5);
    expect(await failureOf(epics.get("evil"))).toMatchObject({ code: "EPICS_TIMEOUT" });
    expect(connections).toBeGreaterThan(0);
  });

  it("gives up a server whose values are cut short", async () => {
    const address = await hostileServer((socket) => {
      socket.on("data", (piece) => {
        if (!piece.includes("evil")) return;
        const id = piece.readUInt32BE(piece.indexOf("evil") - 8);
        socket.write(encodeCaMessage({ command: 18, dataType: 6, count: 1, p1: id, p2: 1 }));
      });
      socket.on("data", (piece) => {
        if (piece.readUInt16BE(0) !== 15) return;
        const request = piece.readUInt32BE(12);
        socket.write(encodeCaMessage({ command: 15, dataType: 20, count: 1, p1: 1, p2: request }));
      });
    });
    expect(await failureOf(clientOf(address, 2).get("evil"))).toMatchObject({ code: "EPICS_PROTOCOL" });
  });

  it("may write as soon as its server allows that", async () => {
    let allow = (_rights: number): void => {};
    const address = await hostileServer((socket) => {
      socket.on("data", (piece) => {
        const at = piece.indexOf("evil");
        if (at >= 0) {
          const id = piece.readUInt32BE(at - 8);
          allow = (rights) => socket.write(encodeCaMessage({ command: 22, p1: id, p2: rights }));
          allow(1);
          socket.write(encodeCaMessage({ command: 18, dataType: 6, count: 1, p1: id, p2: 1 }));
        } else if (piece.readUInt16BE(0) === 19) {
          socket.write(encodeCaMessage({ command: 19, dataType: 6, count: 1, p1: 1, p2: piece.readUInt32BE(12) }));
        }
      });
    });
    const epics = clientOf(address, 2);
    expect(await failureOf(epics.putAndWait("evil", 1))).toMatchObject({ code: "EPICS_REFUSED" });
    const mayWrite = (): Promise<boolean> =>
      epics.putAndWait("evil", 1).then(
        () => true,
        () => false,
      );
    allow(3);
    await vi.waitUntil(mayWrite, { timeout: 10_000 });
    allow(1);
    await vi.waitUntil(async () => !(await mayWrite()), { timeout: 10_000 });
  });

  it.each(["", "two words", "x".repeat(300)])("refuses the name %j", async (name) => {
    await expect(clientOf("127.0.0.1:9").get(name)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
