import { once } from "node:events";
import { VirtualClock } from "@beamtime/concurrency";
import { encodeFrame, beaconMessage as message } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { connectBeacon, type Lock, LockError } from "../src/index.js";
import { passTime } from "./pass-time.js";
import { ScriptedBeacon, type ScriptedRequest } from "./scripted-beacon.js";

/** Nobody holds anything. */
function noHolders({ type, key, answer }: ScriptedRequest): void {
  if (type === message.whoLocked) answer(message.whoLockedEnd, `${key}|`);
}

/** The reason why the lock was lost, when it is. */
async function loss(lock: Lock): Promise<unknown> {
  if (!lock.lost.aborted) await once(lock.lost, "abort");
  return lock.lost.reason;
}

describe("a lock", () => {
  it("is asked for with its priority and granted by the echo of what was asked, several at once", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const [first, second] = [beacon.locks.acquire(["a", "b", "a"]), beacon.locks.acquire(["c"], { priority: 70 })];
    const asked = [await server.request(message.lock), await server.request(message.lock)];
    expect(asked.map(({ payload }) => payload)).toEqual(["50|a|b", "70|c"]);
    asked[1]?.answer(message.lockOk, "70|c");
    expect((await second).names).toEqual(["c"]);
    asked[0]?.answer(message.lockOk, "50|a|b");
    const lock = await first;
    expect(lock.held).toEqual(["a", "b"]);
    lock.release();
    await lock[Symbol.asyncDispose]();
    expect((await server.request(message.unlock)).payload).toBe("50|a|b");
    await beacon.close();
    expect(server.requests.filter(({ type }) => type === message.unlock)).toEqual([]);
  });

  it("is asked for again when the server says that something was freed", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const acquiring = beacon.locks.acquire(["a"]);
    (await server.request(message.lock)).answer(message.lockRetry, "");
    const again = await server.request(message.lock);
    again.answer(message.lockOk, again.payload);
    expect((await acquiring).lost.aborted).toBe(false);
  });

  it("is asked for again from time to time beside others: BLISS remembers only the last request", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address, clock });
    const acquiring = [beacon.locks.acquire(["a"]), beacon.locks.acquire(["b"])];
    await server.request(message.lock);
    await server.request(message.lock);
    await clock.advance(0.5);
    for (let count = 0; count < 2; count++) {
      const again = await server.request(message.lock);
      again.answer(message.lockOk, again.payload);
    }
    await Promise.all(acquiring);
  });

  it("that is not free in time is an error that names the holder; a grant that comes too late is given back", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start(({ type, key, answer }) => {
      if (type !== message.whoLocked) return;
      answer(message.whoLockedName, `${key}|a|other:1`);
      answer(message.whoLockedEnd, `${key}|`);
    });
    await using beacon = await connectBeacon({ address: server.address, clock });
    const acquiring = beacon.locks.acquire(["a", "b"], { timeout: 3 });
    const { answer, payload } = await server.request(message.lock);
    await expect(passTime(clock, acquiring)).rejects.toMatchObject({
      code: "LOCK",
      names: ["a", "b"],
      holders: new Map([["a", "other:1"]]),
      message: expect.stringContaining("within 3 s: held: a by other:1"),
    });
    answer(message.lockOk, payload);
    expect((await server.request(message.unlock)).payload).toBe("50|a|b");
  });

  it("that is given up is given back when it is granted after all", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const abort = new AbortController();
    const acquiring = beacon.locks.acquire(["a"], { signal: abort.signal });
    const { answer, payload } = await server.request(message.lock);
    abort.abort(new Error("enough"));
    await expect(acquiring).rejects.toThrow("enough");
    answer(message.lockOk, payload);
    expect((await server.request(message.unlock)).payload).toBe("50|a");
  });

  it("that is taken by a higher priority is acknowledged at once and lost, the other names held on", async () => {
    await using server = await ScriptedBeacon.start();
    await using beacon = await connectBeacon({ address: server.address });
    const acquiring = beacon.locks.acquire(["a", "b"]);
    const { answer, payload } = await server.request(message.lock);
    // in one piece: the loss must not be missed while the grant is on its way
    answer(message.lockOk, payload);
    answer(message.lockStolen, "a");
    const lock = await acquiring;
    expect((await server.request(message.lockStolenOk)).payload).toBe("a");
    expect(await loss(lock)).toMatchObject({
      code: "LOCK",
      names: ["a"],
      message: expect.stringContaining("priority"),
    });
    lock.release();
    expect((await server.request(message.unlock)).payload).toBe("50|b");
  });

  it("is taken again on a new connection, unless it was released meanwhile", async () => {
    await using server = await ScriptedBeacon.start(({ type, payload, answer }) => {
      if (type === message.lock) answer(message.lockOk, payload);
    });
    await using beacon = await connectBeacon({ address: server.address });
    const [kept, released] = await Promise.all([beacon.locks.acquire(["a"]), beacon.locks.acquire(["b"])]);
    server.requests.length = 0;
    const lost = new Promise((resolve) => beacon.onState(resolve));
    server.drop();
    await lost;
    released.release();
    expect(await server.request(message.lock)).toMatchObject({ payload: "50|a", connection: 2 });
    kept.release();
    expect((await server.request(message.unlock)).payload).toBe("50|a");
    expect(server.requests).toEqual([]);
    expect(kept.lost.aborted).toBe(false);
  });

  it("that is released in the moment it is taken again is given back", async () => {
    await using server = await ScriptedBeacon.start(({ type, payload, connection, socket }) => {
      if (type !== message.lock) return;
      const granted = encodeFrame(message.lockOk, payload);
      // in one piece: the client acts on the second message before anybody has heard of the first
      socket.write(connection === 1 ? granted : Buffer.concat([granted, encodeFrame(message.lockStolen, "a")]));
    });
    await using beacon = await connectBeacon({ address: server.address });
    const lock = await beacon.locks.acquire(["a", "b"]);
    lock.lost.addEventListener("abort", () => lock.release());
    server.drop();
    await loss(lock);
    expect((await server.request(message.unlock)).payload).toBe("50|b");
  });

  it("that somebody else has by then is lost", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start(({ type, payload, key, connection, answer }) => {
      if (type === message.lock && connection === 1) answer(message.lockOk, payload);
      if (type !== message.whoLocked) return;
      answer(message.whoLockedName, `${key}|a|other:1`);
      answer(message.whoLockedEnd, `${key}|`);
    });
    await using beacon = await connectBeacon({ address: server.address, clock });
    const lock = await beacon.locks.acquire(["a"]);
    server.drop();
    expect(await passTime(clock, loss(lock))).toMatchObject({
      names: ["a"],
      message: expect.stringContaining("a by other:1"),
    });
    expect(lock.held).toEqual([]);
  });

  it("is lost too when nobody can say who has it by then", async () => {
    const clock = new VirtualClock();
    await using server = await ScriptedBeacon.start(({ type, payload, connection, answer }) => {
      if (type === message.lock && connection === 1) answer(message.lockOk, payload);
      if (type === message.whoLocked) answer(message.unknown, payload);
    });
    await using beacon = await connectBeacon({ address: server.address, clock });
    const lock = await beacon.locks.acquire(["a"]);
    server.drop();
    expect(await passTime(clock, loss(lock))).toMatchObject({ names: ["a"], cause: { code: "BEACON" } });
  });

  it("that is waited for is asked for on the new connection too", async () => {
    await using server = await ScriptedBeacon.start(({ type, payload, connection, answer }) => {
      if (type === message.lock && connection === 2) answer(message.lockOk, payload);
    });
    await using beacon = await connectBeacon({ address: server.address });
    const acquiring = beacon.locks.acquire(["a"]);
    await server.request(message.lock);
    server.drop();
    expect((await acquiring).held).toEqual(["a"]);
  });

  it("ends with the client", async () => {
    await using server = await ScriptedBeacon.start(({ type, payload, answer }) => {
      if (type === message.lock) answer(message.lockOk, payload);
    });
    const beacon = await connectBeacon({ address: server.address });
    const lock = await beacon.locks.acquire(["a"]);
    await beacon.close();
    expect(await loss(lock)).toBeInstanceOf(LockError);
    await expect(beacon.locks.acquire(["a"])).rejects.toThrow("is closed");
  });

  it("needs a name that can be sent", async () => {
    await using server = await ScriptedBeacon.start(noHolders);
    await using beacon = await connectBeacon({ address: server.address });
    for (const names of [[], [""], ["a|b"]]) {
      await expect(beacon.locks.acquire(names)).rejects.toMatchObject({ argument: "names" });
    }
    await expect(beacon.locks.acquire(["a"], { priority: 1.5 })).rejects.toMatchObject({ argument: "priority" });
    expect(await beacon.locks.holders()).toEqual(new Map());
    expect((await server.request(message.whoLocked)).payload).toBe("1");
  });
});
