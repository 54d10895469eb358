import { Disposer, VirtualClock } from "@beamtime/concurrency";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  LineBusyError,
  LineClosedError,
  LineLostError,
  LineOverflowError,
  LineTimeoutError,
  LineUnreachableError,
  TcpLine,
  type TcpLineOptions,
} from "../src/index.js";
import { type DeviceRequest, TestDevice } from "./test-device.js";

let disposer: Disposer;

beforeEach(() => {
  disposer = new Disposer();
});

afterEach(() => disposer[Symbol.asyncDispose]());

async function setUp(onRequest?: (request: DeviceRequest) => void, options: Partial<TcpLineOptions> = {}) {
  const device = disposer.use(await TestDevice.start(onRequest));
  const line = disposer.use(new TcpLine({ host: "127.0.0.1", port: device.port, ...options }));
  return { device, line };
}

const echo = ({ text, socket }: DeviceRequest): void => void socket.write(`<${text}>\n`);

/** Resolves when something was noted in the trace. */
function noted(line: TcpLine, words: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = line.onTrace(({ kind, text }) => {
      if (kind !== "note" || !text.includes(words)) return;
      stop();
      resolve();
    });
  });
}

describe("an answer over TCP", () => {
  it("is read up to its terminator, in however many pieces it comes", async () => {
    const { line } = await setUp(({ socket }) => {
      socket.write("1");
      setImmediate(() => {
        socket.write("2.5\r");
        setImmediate(() => socket.write("\n"));
      });
    });
    expect(await line.writeRead("?POS\n", { terminator: "\r\n" })).toBe("12.5");
  });

  it("may be several lines, or bytes, or both, and come all at once", async () => {
    const { line } = await setUp(
      ({ socket }) => void socket.write(Buffer.from("head\n\x00\xff\n\x01tail\nx", "latin1")),
    );
    const answer = await line.exchange("?ALL\n", async (reader) => ({
      head: await reader.readUntil(),
      bytes: [...(await reader.readBytes(4))],
      tail: await reader.readUntil("\n"),
      rest: Buffer.from(await reader.readSome()).toString(),
    }));
    expect(answer).toEqual({ head: "head", bytes: [0, 255, 10, 1], tail: "tail", rest: "x" });
    expect([...(await line.writeReadBytes("?ALL\n", 2))]).toEqual([104, 101]);
  });

  it("is not what has arrived before the request", async () => {
    const { line } = await setUp(({ text, socket }) => void socket.write(`<${text}>\n<more of ${text}>\n`));
    expect(await line.writeRead("1\n")).toBe("<1>");
    expect(await line.writeRead("2\n")).toBe("<2>");
    expect(line.trace.map(({ text }) => text)).toContain("threw away 12 bytes that arrived before the request");
  });

  it("need not have been asked for", async () => {
    const { line } = await setUp(({ socket }) => void socket.write("event 1\nevent 2\n"));
    await line.write("start\n");
    expect(await line.exchange(undefined, (reader) => reader.readUntil())).toBe("event 1");
    expect(await line.exchange(undefined, (reader) => reader.readUntil())).toBe("event 2");
  });

  it("is in the encoding of the line", async () => {
    const { line, device } = await setUp(({ socket }) => void socket.write(Buffer.from([0xb5, 10])), {
      encoding: "latin1",
    });
    expect(await line.writeRead("å\n")).toBe("µ");
    expect(device.requests).toEqual(["å"]);
  });

  it("longer than allowed drops the connection; the next request has a new one", async () => {
    const { line, device } = await setUp(
      ({ text, socket }) => void socket.write(text === "long" ? "x".repeat(65) : "short\n"),
      { maxAnswer: 64 },
    );
    const failure = await line.writeRead("long\n").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LineOverflowError);
    expect(failure).toMatchObject({ code: "LINE_OVERFLOW", line: line.name, request: "long\\n", maxAnswer: 64 });
    expect(await line.writeRead("short\n")).toBe("short");
    expect(device.connections).toBe(2);
    await expect(line.writeReadBytes("short\n", 65)).rejects.toThrow(LineOverflowError);
  });
});

describe("requests over TCP", () => {
  it("go one at a time, in the order they were made", async () => {
    let busy = 0;
    const { line, device } = await setUp(({ text, socket }) => {
      expect(++busy).toBe(1);
      setImmediate(() => {
        busy--;
        socket.write(`${text}!\n`);
      });
    });
    const texts = Array.from({ length: 20 }, (_, index) => `r${index}`);
    expect(await Promise.all(texts.map((text) => line.writeRead(`${text}\n`)))).toEqual(
      texts.map((text) => `${text}!`),
    );
    expect(device.requests).toEqual(texts);
    expect(device.connections).toBe(1);
  });

  it("are refused when too many wait", async () => {
    const { line, device } = await setUp(undefined, { maxWaiting: 1 });
    const waiting = Promise.allSettled([line.writeRead("1\n"), line.writeRead("2\n")]);
    await expect(line.writeRead("3\n")).rejects.toThrow(LineBusyError);
    await device.received(1);
    await line.close();
    const closed = { status: "rejected", reason: expect.any(LineClosedError) as unknown };
    expect(await waiting).toEqual([closed, closed]);
    await expect(line.writeRead("4\n")).rejects.toThrow(`${line.name} was closed`);
  });

  it("end with the reason of their signal, before their turn without touching the connection", async () => {
    const { line, device } = await setUp(({ text, socket }) => {
      if (text === "release") for (const waiting of device.sockets) waiting.write("done\n");
      else if (text === "2") echo({ text, socket, index: 0 });
    });
    const first = line.writeRead("1\n");
    const abort = new AbortController();
    const second = line.writeRead("never sent\n", { signal: abort.signal });
    await device.received(1);
    abort.abort(new Error("user pressed Ctrl-C"));
    await expect(second).rejects.toThrow("user pressed Ctrl-C");
    for (const socket of device.sockets) socket.write("answer 1\n");
    expect(await first).toBe("answer 1");
    expect(await line.writeRead("2\n")).toBe("<2>");
    expect(device.requests).toEqual(["1", "2"]);
    expect(device.connections).toBe(1);
    await expect(line.writeRead("3\n", { signal: abort.signal })).rejects.toThrow("user pressed Ctrl-C");
  });

  it("aborted in flight leave no answer behind for the next one", async () => {
    const { line, device } = await setUp(({ text, socket }) => {
      if (text !== "slow") socket.write(`<${text}>\n`);
    });
    const abort = new AbortController();
    const slow = line.writeRead("slow\n", { signal: abort.signal });
    await device.received(1);
    abort.abort(new Error("enough"));
    await expect(slow).rejects.toThrow("enough");
    for (const socket of device.sockets) socket.write("<slow>\n");
    expect(await line.writeRead("next\n")).toBe("<next>");
  });

  it("that find an answer nonsensical drop the connection, so that the rest of it is not read by the next", async () => {
    const { line, device } = await setUp(({ text, socket }) => void socket.write(`${text}\nrest of ${text}\n`));
    const judge = line.exchange("1\n", async (reader) => {
      throw new Error(`what is ${await reader.readUntil()}?`);
    });
    await expect(judge).rejects.toThrow("what is 1?");
    expect(await line.writeRead("2\n")).toBe("2");
    expect(device.connections).toBe(2);
  });

  it("cannot read on when they are over", async () => {
    const { line } = await setUp(echo);
    const reader = await line.exchange("1\n", async (given) => given);
    await expect(reader.readUntil()).rejects.toThrow("is over");
  });
});

describe("a device that does not answer in time", () => {
  it("is told by line, request and seconds, and its late answer is not that of the next request", async () => {
    const clock = new VirtualClock();
    const { line, device } = await setUp(
      ({ text, socket }) => {
        if (text !== "?SLOW") socket.write(`<${text}>\n`);
      },
      { clock, timeout: 2, name: "icepap1" },
    );
    const slow = line.writeRead("?SLOW\n").catch((error: unknown) => error);
    await device.received(1);
    await clock.advance(2);
    const failure = await slow;
    expect(failure).toBeInstanceOf(LineTimeoutError);
    expect(failure).toMatchObject({ line: "icepap1", request: "?SLOW\\n", seconds: 2 });
    expect(String(failure)).toContain("icepap1 did not answer ?SLOW\\n within 2 s");
    for (const socket of device.sockets) socket.write("late\n");
    expect(await line.writeRead("?FAST\n")).toBe("<?FAST>");
    expect(clock.sleepers).toBe(0);
  });

  it("in the middle of its answer has not answered either", async () => {
    const clock = new VirtualClock();
    const { line } = await setUp(({ socket }) => void socket.write("half of an ans"), { clock });
    const heard = new Promise<void>((resolve) => {
      line.onTrace(({ kind }) => kind === "received" && resolve());
    });
    const half = line.writeRead("?ALL\n", { timeout: 0.5 }).catch((error: unknown) => error);
    await heard;
    await clock.advance(0.5);
    expect(await half).toMatchObject({ code: "LINE_TIMEOUT", seconds: 0.5 });
  });
});

describe("a connection that is lost", () => {
  it("between requests is made anew by the next one, whatever it asks", async () => {
    const { line, device } = await setUp(echo);
    await line.writeRead("1\n");
    expect(line.isOpen).toBe(true);
    const lost = noted(line, "lost");
    device.hangUp();
    await lost;
    expect(line.isOpen).toBe(false);
    expect(await line.writeRead("MOVE\n")).toBe("<MOVE>");
    expect(device.connections).toBe(2);
  });

  it("during a command is told, and the command is not sent again", async () => {
    const { line, device } = await setUp(({ text, socket }) =>
      text === "MOVE" ? void socket.destroy() : echo({ text, socket, index: 0 }),
    );
    const failure = await line.writeRead("MOVE\n").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LineLostError);
    expect(failure).toMatchObject({ line: line.name, request: "MOVE\\n" });
    expect(String(failure)).toContain("it may have been carried out");
    expect(await line.writeRead("?POS\n")).toBe("<?POS>");
    expect(device.requests).toEqual(["MOVE", "?POS"]);
  });

  it("during a question lets it be asked once more, and only once", async () => {
    let losses = 1;
    const { line, device } = await setUp(({ text, socket }) => {
      if (losses-- > 0) socket.destroy();
      else socket.write(`<${text}>\n`);
    });
    expect(await line.writeRead("?POS\n", { repeatable: true })).toBe("<?POS>");
    expect(device.requests).toEqual(["?POS", "?POS"]);
    losses = 2;
    await expect(line.writeRead("?POS\n", { repeatable: true })).rejects.toThrow(LineLostError);
    expect(device.requests).toHaveLength(4);
  });

  it("after the answer does not take it away", async () => {
    const { line } = await setUp(({ socket }) => void socket.end("last words\nand more\n"));
    const lost = noted(line, "lost");
    const words = line.exchange("bye\n", async (reader) => {
      await lost;
      return [await reader.readUntil(), await reader.readUntil()];
    });
    expect(await words).toEqual(["last words", "and more"]);
  });

  it("by the death of the device is told as such until it is there again", async () => {
    const { line, device } = await setUp(echo);
    await line.writeRead("1\n");
    const { port } = device;
    await device[Symbol.asyncDispose]();
    const failure = await line.writeRead("2\n", { repeatable: true }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LineUnreachableError);
    expect(String(failure)).toMatch(
      /tcp:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*; check that the device is on/,
    );
    disposer.use(await TestDevice.start(echo, port));
    expect(await line.writeRead("3\n")).toBe("<3>");
  });
});

describe("a line over TCP", () => {
  it("gives up connecting after a while", async () => {
    const clock = new VirtualClock();
    // of the networks for documentation: nobody answers there
    const line = disposer.use(new TcpLine({ host: "192.0.2.1", port: 5000, clock, connectTimeout: 4 }));
    const asked = line.writeRead("?VER\n").catch((error: unknown) => error);
    await clock.advance(4);
    // where there is no network at all, the system may say so at once
    expect(await asked).toBeInstanceOf(LineUnreachableError);
    expect(clock.sleepers).toBe(0);
  });

  it("stops connecting when it is aborted or closed", async () => {
    const clock = new VirtualClock();
    const line = disposer.use(new TcpLine({ host: "192.0.2.1", port: 5000, clock }));
    const signal = AbortSignal.abort(new Error("not now"));
    await expect(line.writeRead("?VER\n", { signal })).rejects.toThrow("not now");
    const asked = line.writeRead("?VER\n");
    const refused = expect(asked).rejects.toThrow(LineClosedError);
    await line.close();
    await refused;
    await line.close();
  });

  it("refuses options that make no sense", () => {
    const make = (options: Partial<TcpLineOptions>) => () => new TcpLine({ host: "icepap1", port: 5000, ...options });
    expect(make({ timeout: 0 })).toThrow("timeout of tcp://icepap1:5000 is 0; expected a positive number");
    expect(make({ maxAnswer: Number.NaN })).toThrow("maxAnswer");
    expect(make({ maxWaiting: -1 })).toThrow("maxWaiting");
  });

  it("remembers the last things that went over it, and tells them", async () => {
    const { line } = await setUp(echo, { traceLength: 3, name: "dev" });
    const heard: string[] = [];
    const stop = line.onTrace(({ kind, text }) => void heard.push(`${kind} ${text}`));
    line.onTrace(() => {
      throw new Error("a listener of bad manners");
    });
    await line.writeRead("1\n");
    stop();
    await line.writeRead("2\n");
    expect(heard).toEqual(["note connected", "sent 1\\n", "received <1>\\n"]);
    expect(line.trace.map(({ line: name, kind, text }) => `${name} ${kind} ${text}`)).toEqual([
      "dev received <1>\\n",
      "dev sent 2\\n",
      "dev received <2>\\n",
    ]);
  });
});
