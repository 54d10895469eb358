import { expect, it } from "vitest";
import { createLine } from "./create-line.js";
import { SerialLine } from "./serial-line.js";
import { parseTcpAddress } from "./tcp-address.js";
import { TcpLine } from "./tcp-line.js";

it.each([
  ["icepap1:5000", { host: "icepap1", port: 5000 }],
  ["tcp://icepap1:5000", { host: "icepap1", port: 5000 }],
  ["socket://10.0.0.1:23", { host: "10.0.0.1", port: 23 }],
  ["[::1]:5000", { host: "::1", port: 5000 }],
  ["icepap1", { host: "icepap1", port: 7 }],
])("%s is an address", (url, address) => {
  expect(parseTcpAddress(url, 7)).toEqual(address);
});

it.each(["", "icepap1", ":5000", "icepap1:0", "icepap1:99999", "a b:5", "http://icepap1:80"])("'%s' is none", (url) => {
  expect(() => parseTcpAddress(url)).toThrow("expected host:port, as icepap1:5000");
});

it("lines come from the keys of BLISS, and connect to nothing", () => {
  const tcp = createLine({ tcp: { url: "icepap1" } }, { port: 5000 });
  expect(tcp).toBeInstanceOf(TcpLine);
  expect(tcp).toMatchObject({ name: "tcp://icepap1:5000", isOpen: false });
  const serial = createLine({
    serial: { url: "/dev/ttyS0", baudrate: "19200", bytesize: 7, parity: "E", stopbits: 2, rtscts: true, eol: "\r" },
  });
  expect(serial).toBeInstanceOf(SerialLine);
  expect(serial.name).toBe("serial:///dev/ttyS0");
});

it.each([
  [{}, "neither tcp nor serial is configured"],
  [{ tcp: { url: "a:1" }, serial: { url: "b" } }, "both tcp and serial"],
  [{ tcp: "icepap1:5000" }, "tcp is icepap1:5000; expected a mapping with a url"],
  [{ tcp: {} }, "tcp has no url"],
  [{ tcp: { url: "a:1", timeout: -1 } }, "tcp.timeout is -1; expected a positive number"],
  [{ tcp: { url: "a:1", baudrate: 9600 } }, "tcp.baudrate is 9600; expected no such key"],
  [{ serial: { url: "b", parity: "X" } }, 'serial.parity is "X"; expected one of N, E, O'],
  [{ serial: { url: "b", bytesize: 9 } }, "serial.bytesize is 9; expected one of 5, 6, 7, 8"],
  [{ serial: { url: "b", rtscts: "yes" } }, 'serial.rtscts is "yes"; expected true or false'],
])("%o is refused", (config, message) => {
  expect(() => createLine(config)).toThrow(message);
});
