import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Stands before a server and can cut a connection at the worst moment. */
export interface CuttingProxy extends AsyncDisposable {
  /** Path of its socket. */
  readonly path: string;
  /** Cuts the connection instead of passing the answer to a script, when `count` of them have gone through. */
  cutAnswer(count: number): void;
  /** How often it has cut. */
  readonly cuts: number;
}

export async function cuttingProxy(server: { readonly path: string }): Promise<CuttingProxy> {
  const path = `${server.path}.proxy`;
  const sockets = new Set<Socket>();
  let passing: number | undefined;
  let cuts = 0;
  const listener = createServer((client) => {
    const upstream = connect(server.path);
    let asked = false;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {}); // the other side sees the end
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (data) => {
      asked = data.includes("EVAL");
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (asked && passing !== undefined && passing-- === 0) {
        passing = undefined;
        cuts += 1;
        client.destroy();
      } else client.write(data);
    });
  }).listen(path);
  await once(listener, "listening");
  return {
    path,
    cutAnswer: (count) => {
      passing = count;
    },
    get cuts() {
      return cuts;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
