/** Classes of BLISS that no package makes yet, by plugin, with what they are. Lower case, separated by blanks. */
const families: readonly { readonly plugin: string; readonly classes: string; readonly what: string }[] = [
  { plugin: "bliss", classes: "lima", what: "Lima cameras need a Tango client" },
  {
    plugin: "emotion",
    classes:
      "stableslits slitbox calc_motor_mockup llangle_mockup twotheta tab3 tab3new tabsup trans4 hklmotors kb stackmotor " +
      "softcontroller tangomotorcontroller",
    what: "these axes calculated or borrowed from others are not made",
  },
  {
    plugin: "emotion",
    classes:
      "aerotech amc100 elmo elmo_whistle esrf_undulator flexdc galildmc mechonics micos micosanka moco newportesp300 " +
      "newportsmc100 newportxps nf8742 nf8753 pi_c663 pi_e51x pi_e517 pi_e518 pi_e712 pi_e727 pi_e753 pi_e871 pi_hexa pm600 " +
      "pmd206 shexapod smaract smaract_mcs2 smaracthexapod spec speedgoatmotor tangoemot turbopmac vscanner wagomotor zaber",
    what: "there is no driver for this motor controller",
  },
  {
    plugin: "bliss",
    classes: "xia mercury xmap falconx xglabdante mythen",
    what: "multi-channel analysers need drivers",
  },
  {
    plugin: "bliss",
    classes: "transfocator transmission actuator multiplexer tfstepper",
    what: "filters and actuators are not made",
  },
  {
    plugin: "bliss",
    classes: "meancalccountercontroller expressioncalccountercontroller singleexpressioncalccountercontroller",
    what: "calculated counters are not made from a configuration",
  },
  {
    plugin: "bliss",
    classes: "wago musst opiom pepu nano_bpm emh moco mcce elettra tango_attr_as_counter ebv machinfo",
    what: "there is no driver for this device",
  },
  {
    plugin: "generic",
    classes: "wago musst opiom pepu ah401 dcp3000 ebv machinfo tango_attr_as_counter",
    what: "there is no driver for this device",
  },
];

/** Plugins of which no class at all is made. */
const plugins: ReadonlyMap<string, string> = new Map([
  ["regulation", "regulation loops are not made"],
  ["diffractometer", "diffractometers are not made"],
  ["comm", "communication lines are not made from a configuration"],
  ["keithley", "there is no driver for Keithley devices"],
  ["ct2", "there is no driver for counter cards"],
]);

const reasons: ReadonlyMap<string, string> = new Map(
  families.flatMap(({ plugin, classes, what }) =>
    classes.split(" ").map((name) => [`${plugin}/${name}`, what] as const),
  ),
);

/** What is missing for a class of BLISS that no package makes yet; undefined when it is not known as one. */
export function unavailableReason(plugin: string, name: string): string | undefined {
  return reasons.get(`${plugin}/${name.toLowerCase()}`) ?? plugins.get(plugin);
}
