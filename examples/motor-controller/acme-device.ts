import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { SimulatedMotorController } from "@beamtime/controller-simulation";

/** The hardware, for tests: simulated motors behind a TCP port. */
export async function startAcmeDevice(addresses: readonly string[]) {
  const motors = new SimulatedMotorController({ addresses });
  const sockets = new Set<Socket>();
  let isSilent = false;

  async function serve(socket: Socket): Promise<void> {
    sockets.add(socket);
    socket.on("error", () => {}); // the other side is gone
    for await (const command of createInterface({ input: socket })) {
      const answer = await motors.rawCommand(command).catch((error: unknown) => `ERROR ${String(error)}`);
      if (!isSilent && socket.writable) socket.write(`${answer}\r\n`);
    }
    sockets.delete(socket);
  }

  const server = createServer((socket) => void serve(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    motors,
    port: typeof address === "object" && address ? address.port : 0,
    /** Stops answering. Returns the way to answer again. */
    silence(): () => void {
      isSilent = true;
      return () => {
        isSilent = false;
      };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
