import { Disposer, VirtualClock } from "@beamtime/concurrency";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LineLostError, LineUnreachableError, SerialLine, type SerialLineOptions } from "../src/index.js";
import { openPseudoTerminal } from "./pseudo-terminal.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";
let disposer: Disposer;

beforeEach(() => {
  disposer = new Disposer();
});

afterEach(() => disposer[Symbol.asyncDispose]());

async function setUp(options: Partial<SerialLineOptions> = {}) {
  const port = disposer.use(await openPseudoTerminal(python));
  const line = disposer.use(new SerialLine({ path: port.path, baudRate: 19200, ...options }));
  return { port, line };
}

// the set-up of the tests makes the interpreter; without one they are counted as skipped
describe.skipIf(!python)("a line over a serial port", () => {
  it("writes requests and reads answers in turn", async () => {
    const { port, line } = await setUp();
    const answers = Promise.all([
      line.writeRead("?POS 1\n"),
      line.writeRead("?POS 2\n"),
      line.writeReadBytes("?RAW\n", 3),
    ]);
    expect((await port.requests.next()).value).toBe("?POS 1");
    port.send("1");
    port.send("2\n");
    expect((await port.requests.next()).value).toBe("?POS 2");
    port.send("34\n");
    expect((await port.requests.next()).value).toBe("?RAW");
    port.send("a\nb");
    expect(await answers).toEqual(["12", "34", Buffer.from("a\nb")]);
    expect(line.trace.map(({ text }) => text)).toContain("?POS 1\\n");
  });

  it("throws a late answer away, and asks no more before the device is silent", async () => {
    const clock = new VirtualClock();
    const { port, line } = await setUp({ clock, timeout: 2, quiet: 1 });
    const slow = line.writeRead("?SLOW\n").catch((error: unknown) => error);
    await port.requests.next();
    await clock.advance(2);
    expect(await slow).toMatchObject({ code: "LINE_TIMEOUT", request: "?SLOW\\n" });
    expect(line.isOpen).toBe(true);

    const heard = new Promise<void>((resolve) => void line.onTrace(({ kind }) => kind === "received" && resolve()));
    const next = line.writeRead("?NEXT\n");
    const asked = port.requests.next();
    port.send("slow\n");
    await heard;
    await clock.advance(1); // an answer came meanwhile,
    expect(line.trace.at(-1)?.text).toBe("threw away 5 bytes of a late answer");
    await clock.advance(1); // so another second is waited
    expect((await asked).value).toBe("?NEXT");
    port.send("next\n");
    expect(await next).toBe("next");
  });

  it("tells when the port is gone", async () => {
    const { port, line } = await setUp();
    const asked = line.writeRead("?POS\n").catch((error: unknown) => error);
    await port.requests.next();
    await port[Symbol.asyncDispose]();
    expect(await asked).toBeInstanceOf(LineLostError);
    await expect(line.writeRead("?POS\n")).rejects.toThrow(LineUnreachableError);
  });

  it("can be opened again after it was closed, by another line", async () => {
    const { port, line } = await setUp();
    await line.write("1\n");
    expect((await port.requests.next()).value).toBe("1");
    await line.close();
    const other = disposer.use(new SerialLine({ path: port.path }));
    await other.write("2\n");
    expect((await port.requests.next()).value).toBe("2");
  });
});

describe("a serial port that is not there", () => {
  it("is told with what to do", async () => {
    const line = disposer.use(new SerialLine({ path: "/dev/no-such-port" }));
    const failure = await line.writeRead("?POS\n").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LineUnreachableError);
    expect(String(failure)).toMatch(
      /serial:\/\/\/dev\/no-such-port cannot be reached: .*No such file.*; check the name of the port/,
    );
  });
});
