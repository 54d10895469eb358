import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, promisify } from "node:util";
import { connectRedis, type RedisConnection, RedisError } from "@beamtime/redis";
import { findRedisServer, type RedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** A port that was free a moment ago. */
async function somePort(): Promise<number> {
  await using probe = await startRedisServer({ port: 0 });
  return probe.port ?? 0;
}

describe("a server with TLS", () => {
  let server: RedisServer;
  let port: number;
  let ca: string;

  beforeAll(async () => {
    const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
    const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate];
    await promisify(execFile)("openssl", [...request, ...names]);
    ca = await readFile(certificate, "utf8");
    port = await somePort();
    server = await startRedisServer();
    await using connection = await connectRedis(server.target);
    const files = ["tls-cert-file", certificate, "tls-key-file", key, "tls-ca-cert-file", certificate];
    await connection.client.call("CONFIG", "SET", ...files, "tls-auth-clients", "no", "tls-port", String(port));
  });
  afterAll(() => server.stop());

  it("is reached with its certificate, given as option", async () => {
    await using connection = await connectRedis({ host: "localhost", port }, { ioredis: { tls: { ca } } });
    await using other = await connection.duplicate();
    expect(await other.client.ping()).toBe("PONG");
  });

  it("is reached by a rediss URL, whose other TLS options are given beside", async () => {
    await using connection = await connectRedis(`rediss://localhost:${port}/3`, { ioredis: { tls: { ca } } });
    expect(await connection.client.ping()).toBe("PONG");
    expect(connection.db).toBe(3);
  });

  it("is not trusted without it", async () => {
    await expect(connectRedis(`rediss://localhost:${port}`)).rejects.toThrow(
      /self.signed certificate; give the certificate of its authority/,
    );
  });
});

describe("a server with users", () => {
  const password = "Sesam-öffne/dich@7";
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer({ port: 0 });
    await using connection = await connectRedis(server.target);
    await connection.client.acl("SETUSER", "beamline", "on", `>${password}`, "~*", "&*", "+@all");
    await connection.client.acl("SETUSER", "default", "off");
  });
  afterAll(() => server.kill());

  it("lets in who gives name and password, as options or in a URL, also again after a lost connection", async () => {
    const login = { username: "beamline", password };
    await using byOptions = await connectRedis(server.target, { ioredis: login });
    const userinfo = `beamline:${encodeURIComponent(password)}`;
    await using byUrl = await connectRedis(`redis://${userinfo}@127.0.0.1:${server.port}`);
    await using copy = await byUrl.duplicate();
    for (const { client } of [byOptions, byUrl, copy]) expect(await client.acl("WHOAMI")).toBe("beamline");
    await byOptions.client.call("CLIENT", "KILL", "TYPE", "normal"); // all but its own
    await vi.waitFor(async () => expect(await byUrl.client.acl("WHOAMI")).toBe("beamline"), 10_000);
  });

  it.each([
    ["no password", {}],
    ["a wrong password", { username: "beamline", password: `${password}!` }],
    ["an unknown user", { username: "nobody", password }],
  ])("says what to do about %s, and never tells the password", async (_, login) => {
    const failure: unknown = await connectRedis(server.target, { ioredis: login }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RedisError);
    expect(String(failure)).toContain("give the right username and password");
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain("Sesam");
  });

  it("keeps the password of a URL out of address and messages", async () => {
    const userinfo = `beamline:${encodeURIComponent(password)}`;
    const failure: unknown = await connectRedis(`redis://${userinfo}@127.0.0.1:1`).catch((error: unknown) => error);
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain("Sesam");
    await using connection = await connectRedis(`redis://${userinfo}@127.0.0.1:${server.port}`);
    expect(connection.address).toBe(`127.0.0.1:${server.port}`);
  });
});

describe("a master that sentinels know", () => {
  let servers: RedisServer[];
  let sentinel: Awaited<ReturnType<typeof startSentinel>>;

  async function startSentinel(master: RedisServer): Promise<{ port: number; stop: () => Promise<void> }> {
    const port = await somePort();
    const file = join(directory, "sentinel.conf");
    const lines = [...[`port ${port}`, "bind 127.0.0.1", `sentinel monitor beamline 127.0.0.1 ${master.port} 1`]];
    await writeFile(file, lines.join("\n"));
    const { executable, env } = await findRedisServer();
    const child = spawn(executable, [file, "--sentinel"], { env, stdio: "ignore" });
    const ended = once(child, "exit");
    const stop = async (): Promise<void> => {
      child.kill();
      await ended;
    };
    return { port, stop };
  }

  beforeEach(async () => {
    const [master, replica] = await Promise.all([startRedisServer({ port: 0 }), startRedisServer({ port: 0 })]);
    servers = [master, replica];
    await using follower = await connectRedis(replica.target);
    await follower.client.replicaof("127.0.0.1", master.port ?? 0);
    sentinel = await startSentinel(master);
  });
  afterEach(async () => {
    await sentinel.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** Asks the sentinel until it answers, and knows the replica. */
  async function ready(): Promise<RedisConnection> {
    const connection = await vi.waitFor(
      () => connectRedis({ host: "127.0.0.1", port: sentinel.port }, { db: 0 }),
      5000,
    );
    await vi.waitFor(
      async () => expect(await connection.client.call("SENTINEL", "REPLICAS", "beamline")).toHaveLength(1),
      {
        timeout: 15_000,
      },
    );
    return connection;
  }

  it("is found through them, and found again after a failover", async () => {
    await using overseer = await ready();
    const target = { sentinels: [{ host: "127.0.0.1", port: sentinel.port }], name: "beamline" };
    await using connection = await connectRedis(target);
    expect(connection.address).toBe(`beamline of 127.0.0.1:${sentinel.port}`);
    await connection.client.set("key", "kept");
    const portOf = async (): Promise<number> =>
      Number(/tcp_port:(\d+)/.exec(await connection.client.info("server"))?.[1]);
    expect(await portOf()).toBe(servers[0]?.port);
    await connection.client.wait(1, 5000);

    await overseer.client.call("SENTINEL", "FAILOVER", "beamline");
    await vi.waitFor(async () => expect(await portOf()).toBe(servers[1]?.port), { timeout: 20_000 });
    expect(await connection.client.get("key")).toBe("kept");
    await using other = await connection.duplicate();
    await vi.waitFor(() => other.client.set("key", "again"), { timeout: 5000 });
  }, 60_000);

  it("gives up when no sentinel answers", async () => {
    await sentinel.stop();
    const target = { sentinels: [{ host: "127.0.0.1", port: sentinel.port }], name: "beamline" };
    await expect(connectRedis(target)).rejects.toThrow(
      `cannot connect to Redis at beamline of 127.0.0.1:${sentinel.port}, database 1: `,
    );
  });
});
