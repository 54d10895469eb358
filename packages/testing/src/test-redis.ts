import { type ConnectRedisOptions, connectRedis, type RedisConnection } from "@beamtime/redis";
import { type RedisServer, type StartRedisServerOptions, startRedisServer } from "@beamtime/redis/server";

/** A real data server for the tests of one file, on a Unix socket in a temporary folder. */
export interface TestRedis extends AsyncDisposable {
  readonly server: RedisServer;
  /** A connection to the data database, for looking in; closed with the server. */
  readonly connection: RedisConnection;
  /** Another connection, to the data database unless `db` says otherwise; closed with the server. */
  connect(options?: ConnectRedisOptions): Promise<RedisConnection>;
  /** Removes every key of every database. */
  flush(): Promise<void>;
  /** Closes the connections and ends the server. */
  stop(): Promise<void>;
}

/**
 * Starts the server. Whoever starts it stops it, in `afterAll`.
 *
 * @throws RedisError when no server is installed
 */
export async function startTestRedis(options: StartRedisServerOptions = {}): Promise<TestRedis> {
  const server = await startRedisServer(options);
  const connections: RedisConnection[] = [];
  const connect = async (options?: ConnectRedisOptions): Promise<RedisConnection> => {
    const connection = await connectRedis(server.target, options);
    connections.push(connection);
    return connection;
  };
  const connection = await connect();
  const stop = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.stop();
  };
  return {
    server,
    connection,
    connect,
    flush: async () => {
      await connection.client.flushall();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
