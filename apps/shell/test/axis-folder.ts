import { makeShellFolder, type ShellFolder } from "./shell-program.js";

/** A folder whose configuration has simple axes of two controllers, a slit, an energy and a counter, in the session `lab`. */
export function makeAxisFolder(): Promise<ShellFolder> {
  return makeShellFolder({
    "config/__init__.yml": "scan_saving:\n  base_path: data\n",
    "config/motors.yml": `
- plugin: emotion
  class: mockup
  name: first
  axes:
  - {name: roby, steps_per_unit: 1000, velocity: 100, acceleration: 1000, low_limit: -100, high_limit: 100, unit: mm}
  - {name: slow, steps_per_unit: 1000, velocity: 1, acceleration: 10}
  - {name: s1f, steps_per_unit: 1000, velocity: 100, acceleration: 1000, low_limit: -5, high_limit: 5, unit: mm}
  - {name: s1b, steps_per_unit: 1000, velocity: 100, acceleration: 1000, low_limit: -5, high_limit: 5, unit: mm}
- plugin: emotion
  class: mockup
  name: second
  axes:
  - {name: mono, steps_per_unit: 10000, velocity: 100, acceleration: 1000, position: 10, unit: deg}
  - {name: tilt, steps_per_unit: 1000, velocity: 1, acceleration: 10, unit: mrad}
- plugin: emotion
  class: slits
  slit_type: horizontal
  axes:
  - {name: $s1f, tags: real front}
  - {name: $s1b, tags: real back}
  - {name: s1hg, tags: hgap, unit: mm}
  - {name: s1ho, tags: hoffset, unit: mm}
- plugin: emotion
  class: EnergyWavelength
  dspace: 3.13542
  axes:
  - {name: $mono, tags: real monoang}
  - {name: energy, tags: energy, unit: keV}
  - {name: lambda, tags: wavelength, unit: Å}
`,
    "config/counters.yml": "- {name: diode, plugin: bliss, class: simulation_diode, constant: 42, independent: true}\n",
    "config/sessions.yml": `
- plugin: session
  class: Session
  name: lab
  config-objects: [roby, slow, s1f, s1b, s1hg, s1ho, mono, energy, lambda, tilt, diode]
`,
  });
}
