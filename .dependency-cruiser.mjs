/** Layers of ARCHITECTURE.md: a package imports only from lower layers, and only what its manifest declares. */
const layers = [
  ["errors"],
  ["concurrency", "protocol"],
  ["core", "redis", "communication"],
  ["beacon-client"],
  ["data", "publisher", "motion", "counters", "hdf5", "config", "settings", "channels"],
  ["scans", "scan-saving"],
  ["controller-simulation", "controller-icepap", "controller-epics", "pseudo-axes", "beacon-server"],
  ["session"],
  ["testing"],
];

const upwards = layers.map((names, level) => ({
  name: `layer-${level}-imports-lower-layers-only`,
  severity: "error",
  from: { path: `^packages/(${names.join("|")})/src/`, pathNot: "[.]test[.]ts$" },
  to: {
    path: "^packages/([^/]+)/",
    pathNot: `^packages/(${[...layers.slice(0, level).flat(), "\\0"].join("|")})/|^packages/(${names.join("|")})/`,
  },
}));

const sideways = layers.flat().map((name) => {
  const level = layers.findIndex((names) => names.includes(name));
  const peers = layers[level].filter((peer) => peer !== name);
  return {
    name: `${name}-imports-no-peer`,
    severity: "error",
    from: { path: `^packages/${name}/src/`, pathNot: "[.]test[.]ts$" },
    to: { path: peers.length > 0 ? `^packages/(${peers.join("|")})/` : "^$" },
  };
});

export default {
  forbidden: [
    ...upwards,
    ...sideways,
    {
      name: "no-cycle",
      comment: "of modules that load each other; types that name each other may",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-app", severity: "error", from: { path: "^packages/" }, to: { path: "^apps/" } },
    {
      name: "data-without-writer",
      comment: "an analysis installs the reader alone",
      severity: "error",
      from: { path: "^packages/data/src/", pathNot: "[.]test[.]ts$" },
      to: { path: "^packages/(core|publisher|hdf5|motion|counters)/" },
    },
    {
      name: "core-knows-no-store",
      severity: "error",
      from: { path: "^packages/core/src/" },
      to: { path: "node_modules/(ioredis|h5wasm|yaml)/" },
    },
    {
      name: "declared-dependencies",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src/", pathNot: "[.]test[.]ts$" },
      // siblings resolve to their sources, outside node_modules ("undetermined"): Biome checks that they are declared
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    exclude: { path: "(^|/)dist/|[.]test[.]ts$" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@beamtime/source", "import", "node", "default"],
      extensions: [".ts", ".js"],
    },
  },
};
