import { expect, it } from "vitest";
import { nodeKeys } from "./node-keys.js";
import { decodeNodeStruct, encodeNodeStruct } from "./node-struct.js";

const fields = { version: "v1.1", node_type: "scan", name: "1_ascan", db_name: "s:1_ascan", parent: "s" };

it("reads a complete struct", () => {
  expect(decodeNodeStruct(fields)).toEqual({
    version: "v1.1",
    nodeType: "scan",
    name: "1_ascan",
    dbName: "s:1_ascan",
    parent: "s",
  });
});

it.each(["v1.0", "v1.9"])("sees nodes of version %s", (version) => {
  expect(decodeNodeStruct({ ...fields, version })?.version).toBe(version);
});

it.each(["None", "v2.0", "1.1", ""])("does not see nodes of version '%s'", (version) => {
  expect(decodeNodeStruct({ ...fields, version })).toBeUndefined();
});

it("does not see a node that is gone", () => {
  expect(decodeNodeStruct({})).toBeUndefined();
});

it("opens a node that has nothing but a version", () => {
  expect(decodeNodeStruct({ version: "v1.1" })).toEqual({
    version: "v1.1",
    nodeType: "container",
    name: null,
    dbName: null,
    parent: null,
  });
});

it("takes an unknown type for a container, and a name for a text", () => {
  expect(decodeNodeStruct({ ...fields, node_type: "novelty", name: "0001" })).toMatchObject({
    nodeType: "container",
    name: "0001",
  });
});

it("writes a new node in BLISS's order, invisible at first", () => {
  const created = encodeNodeStruct({ nodeType: "None", name: "axis", dbName: "s:1_ascan:axis" });
  expect(created).toEqual(["version", "None", "node_type", "None", "name", "axis", "db_name", "s:1_ascan:axis"]);
});

it("knows all keys of a node", () => {
  expect(nodeKeys("s:1")).toEqual({
    struct: "s:1",
    info: "s:1_info",
    children: "s:1_children_list",
    prepared: "s:1_prepared",
    end: "s:1_end",
    data: "s:1_data",
    dataRef: "s:1_data_ref",
  });
});
