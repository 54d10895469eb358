import { describe, expect, it } from "vitest";
import { environmentAddresses, parseAddresses } from "./ca-addresses.js";
import { CaMessageReader, caText, encodeCaMessage } from "./ca-message.js";
import { decodeReading, encodeValue } from "./ca-value.js";

describe("messages of Channel Access", () => {
  it("have a header of 16 octets and a payload filled up to a multiple of 8", () => {
    const bytes = encodeCaMessage({ command: 18, p1: 1, p2: 13, payload: caText("sim:mtr1") });
    expect(bytes.toString("hex")).toBe(
      "0012" + "0010" + "0000" + "0000" + "00000001" + "0000000d" + "73696d3a6d747231" + "0000000000000000",
    );
  });

  it("are put together from pieces of any size", () => {
    const bytes = Buffer.concat([
      encodeCaMessage({ command: 23 }),
      encodeCaMessage({ command: 19, dataType: 6, count: 1, p1: 1, p2: 7 }),
      Buffer.from("0001ffff0014000000000001000000090000001000000001", "hex"), // the extended form
      Buffer.alloc(16, 5),
    ]);
    const reader = new CaMessageReader();
    const messages = Array.from(bytes, (byte) => reader.push(Buffer.of(byte))).flat();
    expect(messages.map(({ command, count, p2, payload }) => [command, count, p2, payload.length])).toEqual([
      [23, 0, 0, 0],
      [19, 1, 7, 0],
      [1, 1, 9, 16],
    ]);
    expect(reader.push(bytes)).toHaveLength(3);
  });

  it("are refused before they are read when they are too large", () => {
    const announced = Buffer.from("0001ffff00140000000000010000000900010000ffffffff", "hex");
    expect(() => new CaMessageReader().push(announced)).toThrow("a message of 65536 octets: expected at most 16384");
  });

  it("carry numbers and texts", () => {
    expect(encodeValue(1.5)).toEqual({ dataType: 6, payload: Buffer.from("3ff8000000000000", "hex") });
    const text = encodeValue("x".repeat(50));
    expect([text.dataType, text.payload.length, text.payload.at(-1)]).toEqual([0, 40, 0]);
    const stamp = "0007" + "0003" + "00000001" + "1dcd6500"; // HWLIMIT, invalid, 1 s and 0.5 s after 1990
    expect(decodeReading(20, Buffer.from(`${stamp}00000000fff0000000000000`, "hex"))).toEqual({
      status: 7,
      severity: 3,
      time: 631_152_001.5,
      value: Number.NEGATIVE_INFINITY,
    });
    expect(decodeReading(14, Buffer.from(`${stamp}6d6d0000`, "hex")).value).toBe("mm");
    expect(() => decodeReading(20, Buffer.alloc(16))).toThrow("too few");
  });
});

describe("addresses of IOCs", () => {
  it("have a port, or the default one", () => {
    expect(parseAddresses("ioc1 192.0.2.255:5066")).toEqual([
      { host: "ioc1", port: 5064 },
      { host: "192.0.2.255", port: 5066 },
    ]);
    expect(() => parseAddresses("ioc1:port")).toThrow(
      '"ioc1:port" is no address of an IOC; expected host or host:port',
    );
  });

  it("come from the environment, with the nets of this machine unless they are not wanted", () => {
    const environment = { EPICS_CA_ADDR_LIST: "ioc1 ioc2:6000", EPICS_CA_SERVER_PORT: "5070" };
    const listed = [
      { host: "ioc1", port: 5070 },
      { host: "ioc2", port: 6000 },
    ];
    expect(environmentAddresses({ ...environment, EPICS_CA_AUTO_ADDR_LIST: "no" })).toEqual(listed);
    expect(environmentAddresses(environment).slice(0, 2)).toEqual(listed);
    expect(environmentAddresses({})).toContainEqual({ host: "127.0.0.1", port: 5064 });
    expect(() => environmentAddresses({ EPICS_CA_SERVER_PORT: "x" })).toThrow('EPICS_CA_SERVER_PORT is "x"');
  });
});
