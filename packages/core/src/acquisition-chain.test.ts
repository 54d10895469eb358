import { ArgumentError } from "@beamtime/errors";
import { describe, expect, it } from "vitest";
import { AcquisitionChain } from "./acquisition-chain.js";
import { AcquisitionError } from "./acquisition-error.js";
import { AcquisitionMaster } from "./acquisition-master.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import { AcquisitionSlave } from "./acquisition-slave.js";
import { ChainPreset } from "./chain-preset.js";

class Master extends AcquisitionMaster {
  constructor(name: string, devices: readonly unknown[] = []) {
    super({ name, devices });
  }
  prepare(): void {}
  start(): void {}
  stop(): void {}
}

class Slave extends AcquisitionSlave {
  constructor(name: string, devices: readonly unknown[] = []) {
    super({ name, devices });
  }
  prepare(): void {}
  start(): void {}
  stop(): void {}
}

class Preset extends ChainPreset {}

const namesOf = (objects: readonly AcquisitionObject[]): string[] => objects.map(({ name }) => name);

describe("AcquisitionChain.add", () => {
  it("refuses a first argument that is no master", () => {
    const chain = new AcquisitionChain();
    const slave = new Slave("diode");
    // @ts-expect-error a slave where a master is expected
    expect(() => chain.add(slave, new Slave("other"))).toThrow("diode(Slave) is not an AcquisitionMaster");
    // @ts-expect-error a text where an object is expected
    expect(() => chain.add(new Master("timer"), "diode")).toThrow(ArgumentError);
  });

  it("makes a master that is new a top master", () => {
    const chain = new AcquisitionChain();
    const timer = new Master("timer");
    chain.add(timer);
    expect(chain.topMasters).toEqual([timer]);
    expect(timer.parent).toBeUndefined();
  });

  it("refuses a second master of the same name", () => {
    const chain = new AcquisitionChain();
    chain.add(new Master("timer"), new Slave("diode"));
    expect(() => chain.add(new Master("timer"))).toThrow("duplicated name 'timer'");
    expect(() => chain.add(new Master("diode"))).toThrow("duplicated name 'diode'");
  });

  it("lets two slaves have the same name", () => {
    const chain = new AcquisitionChain();
    const timer = new Master("timer");
    chain.add(timer, new Slave("diode"));
    chain.add(timer, new Slave("diode"));
    expect(namesOf(chain.nodesList)).toEqual(["timer", "diode", "diode"]);
  });

  it("sets the parent of a new slave", () => {
    const chain = new AcquisitionChain();
    const timer = new Master("timer");
    const diode = new Slave("diode");
    chain.add(timer, diode);
    expect(diode.parent).toBe(timer);
  });

  it("ignores the same slave below the same master", () => {
    const chain = new AcquisitionChain();
    const timer = new Master("timer");
    const diode = new Slave("diode");
    chain.add(timer, diode);
    chain.add(timer, diode);
    expect(chain.slavesOf(timer)).toEqual([diode]);
  });

  it("refuses a slave that has another master", () => {
    const chain = new AcquisitionChain();
    const diode = new Slave("diode");
    chain.add(new Master("timer"), diode);
    expect(() => chain.add(new Master("other"), diode)).toThrow("diode is triggered by timer already");
  });

  it("moves a master with all below it, so that the order of calls does not matter", () => {
    const chain = new AcquisitionChain();
    const [motor, timer, diode] = [new Master("motor"), new Master("timer"), new Slave("diode")];
    chain.add(timer, diode);
    chain.add(motor, timer);
    expect(chain.topMasters).toEqual([motor]);
    expect(chain.nodesList).toEqual([motor, timer, diode]);
    const upper = new Master("upper");
    chain.add(upper, timer);
    expect(chain.slavesOf(motor)).toEqual([]);
    expect(timer.parent).toBe(upper);
    expect(chain.nodesList).toEqual([motor, upper, timer, diode]);
  });

  it("refuses to put a master below itself", () => {
    const chain = new AcquisitionChain();
    const [motor, timer] = [new Master("motor"), new Master("timer")];
    chain.add(motor, timer);
    expect(() => chain.add(timer, motor)).toThrow("motor triggers timer: it cannot be triggered by it");
    expect(() => chain.add(timer, timer)).toThrow(ArgumentError);
    expect(chain.nodesList).toEqual([motor, timer]);
  });

  it("takes nodes that make their objects, with what is below them", () => {
    const chain = new AcquisitionChain();
    const [timer, camera, rois, profile] = [
      new Master("timer"),
      new Master("camera"),
      new Slave("rois"),
      new Slave("profile"),
    ];
    const below = [rois, profile].map((acquisitionObject) => ({ acquisitionObject, children: [] }));
    chain.add(timer, { acquisitionObject: camera, children: below });
    expect(chain.nodesList).toEqual([timer, camera, rois, profile]);
    expect(rois.parent).toBe(camera);
  });

  it("takes nodes of any depth", () => {
    const chain = new AcquisitionChain();
    const [timer, card, camera, rois] = [
      new Master("timer"),
      new Master("card"),
      new Master("camera"),
      new Slave("rois"),
    ];
    const roisNode = { acquisitionObject: rois, children: [] };
    const cameraNode = { acquisitionObject: camera, children: [roisNode] };
    chain.add(timer, { acquisitionObject: card, children: [cameraNode] });
    expect(chain.nodesList).toEqual([timer, card, camera, rois]);
  });

  it("is refused once a scan has started", () => {
    const chain = new AcquisitionChain();
    chain.freeze();
    expect(() => chain.add(new Master("timer"))).toThrow(AcquisitionError);
    expect(() => chain.addPreset(new Preset())).toThrow(AcquisitionError);
    expect(() => chain.freeze()).toThrow("make a new chain");
  });
});

describe("AcquisitionChain", () => {
  it("draws its tree, one line per object", () => {
    const chain = new AcquisitionChain();
    const [motor, timer] = [new Master("emotion_master"), new Master("timer")];
    chain.add(motor, timer);
    chain.add(timer, new Slave("diode"));
    chain.add(motor, new Slave("encoder"));
    chain.add(new Master("monitor"), new Slave("pressure"));
    expect(String(chain)).toBe(
      [
        ". chain(AcquisitionChain)",
        "├── emotion_master(Master)",
        "│   ├── timer(Master)",
        "│   │   └── diode(Slave)",
        "│   └── encoder(Slave)",
        "└── monitor(Master)",
        "    └── pressure(Slave)",
      ].join("\n"),
    );
    expect(chain.tree).toBe(String(chain));
  });

  it("finds the objects that stand for devices", () => {
    const [diode, axis] = [{ name: "diode" }, { name: "roby" }];
    const chain = new AcquisitionChain();
    const [motor, slave] = [new Master("axis", [axis]), new Slave("controller", [diode])];
    chain.add(motor, slave);
    expect(chain.getNodeFromDevices(diode, { name: "diode" }, axis)).toEqual([slave, undefined, motor]);
  });

  it("gives presets to the first branch unless told otherwise, also before there is one", () => {
    const chain = new AcquisitionChain();
    const [early, first, second] = [new Preset(), new Preset(), new Preset()];
    chain.addPreset(early);
    const [one, two] = [new Master("one"), new Master("two")];
    chain.add(one);
    chain.add(two);
    chain.addPreset(first);
    chain.addPreset(second, two);
    expect(chain.presetsOf(one)).toEqual([early, first]);
    expect(chain.presetsOf(two)).toEqual([second]);
  });

  it("refuses presets of another class, and masters that are no top masters", () => {
    const chain = new AcquisitionChain();
    const [motor, timer] = [new Master("motor"), new Master("timer")];
    chain.add(motor, timer);
    expect(() => chain.addPreset({ prepare() {} })).toThrow("is not a ChainPreset");
    expect(() => chain.addPreset(new Preset(), timer)).toThrow("is not a top master of this chain");
  });

  it("takes over the branches of another chain, with its presets if asked", () => {
    const [one, two] = [new AcquisitionChain(), new AcquisitionChain()];
    const [motor, timer, diode] = [new Master("motor"), new Master("timer"), new Slave("diode")];
    two.add(motor, timer);
    two.add(timer, diode);
    const preset = new Preset();
    two.addPreset(preset);
    one.add(new Master("monitor"));
    one.append(two, { presets: true });
    expect(namesOf(one.nodesList)).toEqual(["monitor", "motor", "timer", "diode"]);
    expect(one.presetsOf(motor)).toEqual([preset]);
    const three = new AcquisitionChain();
    three.append(two);
    expect(three.presetsOf(motor)).toEqual([]);
  });
});
