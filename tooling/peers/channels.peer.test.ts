import { Channel, EventChannel } from "@beamtime/channels";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PythonProcess } from "./python-process.js";
import { bliss, type RealBeacon, startRealBeacon } from "./real-beacon.js";

/** Has the channel of its first argument, and does what it is told; prints each value that the channel takes. */
const channelProgram = `
import ast, json, sys, gevent
from bliss.config.channels import Channel, EventChannel
from gevent.fileobject import FileObject
name, options = sys.argv[1], ast.literal_eval(sys.argv[2])
seen = lambda value: print("changed", json.dumps(value))
if options is None:
    channel = EventChannel(name)
    channel.register_callback(seen)
    gevent.sleep(0.3)
else:
    channel = Channel(name, **options)
    print("first", json.dumps(channel.value))
    channel.register_callback(seen)
print("ready")
for line in FileObject(sys.stdin, "r"):
    command, _, argument = line.strip().partition(" ")
    if command == "set":
        channel.value = ast.literal_eval(argument)
    elif command == "post":
        channel.post(ast.literal_eval(argument))
    elif command == "type":
        print(type(channel.value).__name__)
    gevent.sleep(0)
`;

/** Moves the axis of its first argument far away, slowly, and tells when the move has ended and how. */
const moveProgram = `
import sys, gevent
from bliss.config.static import get_config
axis = get_config().get(sys.argv[1])
axis.velocity = 1
axis.position = 0
axis.move(1000, wait=False)
print("moving", axis.state.MOVING)
axis.wait_move()
print("stopped", axis.state.READY, 0 < axis.position < 500)
`;

function started(name: string, options: string, beacon: RealBeacon): PythonProcess {
  return new PythonProcess(channelProgram, beacon.host, name, options);
}

/** The next value that the channel takes and for which `holds` is true. */
function next<T>(channel: Channel<T>, holds: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const stop = channel.onChange((value) => {
      if (!holds(value)) return;
      stop();
      resolve(value);
    });
  });
}

describe.skipIf(bliss() === undefined)("channels shared with BLISS", () => {
  let beacon: RealBeacon;
  beforeAll(async () => {
    beacon = await startRealBeacon();
    vi.stubEnv("BEACON_HOST", beacon.host);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await beacon[Symbol.asyncDispose]();
  });

  it("give us the value when Python was first, then tell both of each change", async () => {
    await using python = started("python_first", "{'value': True}", beacon);
    expect([await python.line(), await python.line()]).toEqual(["first true", "ready"]);
    await using ours = new Channel("python_first", { defaultValue: false });
    expect(await ours.ready()).toBe(true);
    ours.value = false;
    expect(await python.line()).toBe("changed false");
    const back = next(ours);
    python.tell("set True");
    expect(await back).toBe(true);
    expect(await python.line()).toBe("changed true");
  });

  it("give Python the value when we were first, then tell both of each change", async () => {
    await using ours = new Channel<unknown>("ours_first", { value: 3 });
    await ours.ready();
    await using python = started("ours_first", "{'default_value': 0}", beacon);
    expect([await python.line(), await python.line()]).toEqual(["first 3", "ready"]);
    const back = next(ours);
    python.tell("set 4");
    expect(await back).toBe(4);
    expect(await python.line()).toBe("changed 4");
  });

  it("have their defaults where nobody has a value", async () => {
    await using ours = new Channel("nobody", { defaultValue: "ours" });
    expect(await ours.ready()).toBe("ours");
    await ours.close();
    await using python = started("nobody", "{'default_value': 'theirs'}", beacon);
    expect([await python.line(), await python.line()]).toEqual(['first "theirs"', "ready"]);
    await using late = new Channel("nobody", { defaultValue: "late" });
    expect(await late.ready()).toBe("theirs");
  });

  it("carry nested values and the types of numbers both ways", async () => {
    await using python = started("nested", "{'value': {'a': [1, 2.5, None, 'x', (1, 2)], 'b': True}}", beacon);
    expect([await python.line(), await python.line()]).toEqual([expect.stringMatching(/^first/), "ready"]);
    await using ours = new Channel<unknown>("nested");
    expect(await ours.ready()).toEqual({ a: [1, 2.5, null, "x", [1, 2]], b: true });
    const value = { list: [1, 2.5, "é😀", null, [true, {}]], "0": -7 };
    ours.value = value;
    const [, text = ""] = /^changed (.*)$/.exec(await python.line()) ?? [];
    expect(JSON.parse(text)).toEqual(value);
    for (const [number, type] of [
      [2, "int"],
      [2.5, "float"],
    ] as const) {
      ours.value = number;
      expect(await python.line()).toBe(`changed ${number}`);
      python.tell("type");
      expect(await python.line()).toBe(type);
    }
  });

  it("tell events both ways", async () => {
    await using ours = new EventChannel<unknown>("events");
    await ours.ready();
    await using python = started("events", "None", beacon);
    expect(await python.line()).toBe("ready");
    const events = ours[Symbol.asyncIterator]();
    await Promise.all([ours.post({ type: "x" }), ours.post(2)]);
    expect(await python.line()).toBe('changed [{"type": "x"}, 2]');
    expect([await events.next(), await events.next()]).toMatchObject([{ value: { type: "x" } }, { value: 2 }]);
    python.tell("post {'event_type': 'enabled', 'value': [1]}");
    expect(await events.next()).toMatchObject({ value: { event_type: "enabled", value: [1] } });
  });

  it("follow an axis that Python moves, and stop it", async () => {
    await using state = new Channel<readonly string[] | null>("axis.roby.state");
    await using position = new Channel<number | null>("axis.roby.position");
    await using stop = new Channel("axis.roby.move_stop", { defaultValue: false });
    await Promise.all([state.ready(), position.ready(), stop.ready()]);
    const moving = next(state, (names) => names?.includes("MOVING") ?? false);
    const moved = next(position, (value) => value !== null && value > 0);
    await using python = new PythonProcess(moveProgram, beacon.host, "roby");
    expect(await python.line()).toBe("moving True");
    expect(await moving).toEqual(["MOVING"]);
    await moved;
    const ready = next(state, (names) => names?.includes("READY") ?? false);
    stop.value = true;
    expect(await python.line()).toBe("stopped True True");
    expect(await ready).toEqual(["READY"]);
  });

  it("survive a restart of the server: our values stay, and Python that comes then has them", async () => {
    await using ours = new Channel("restart", { value: 1 });
    await ours.ready();
    await beacon.restart();
    await ours.set(2);
    await using python = started("restart", "{'default_value': 0}", beacon);
    expect([await python.line(), await python.line()]).toEqual(["first 2", "ready"]);
  });
});
