import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists, onPath, run } from "./project.mjs";

/**
 * Downloads Debian or Ubuntu packages and unpacks them into a folder, with the packages of the shared libraries that this
 * machine lacks. Nothing is installed: no root, no change outside of the folder.
 *
 * @param names packages, the first levels of what the program needs
 * @param program path of the executable inside the packages
 * @param folder where they are unpacked; replaced when it exists
 * @returns the executable and the folders of its libraries, or undefined when apt does not have them
 */
export async function unpackDebianPackages(names, program, folder) {
  for (const tool of ["apt-get", "apt-cache", "dpkg-deb", "dpkg-query", "ldd"]) {
    if ((await onPath(tool)).length === 0) return undefined;
  }
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const unpacked = join(work, "root");
    const apt = await aptThatFinds(names, work);
    if (apt === undefined) return undefined;
    await unpackAll(work, unpacked);
    await addLibraries(apt, names, work, unpacked, join(unpacked, program));
    await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
    const libraryPath = (await libraryFolders(folder)).join(":");
    return { executable: join(folder, program), ...(libraryPath ? { libraryPath } : {}) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads the packages with the package lists of the system, else with fresh lists of our own. */
async function aptThatFinds(names, work) {
  const asIs = ["-o", "APT::Sandbox::User=root"]; // the download goes to a folder that only we can write
  if ((await run("apt-get", [...asIs, "download", ...names], { cwd: work })).code === 0) return asIs;
  const own = [...asIs, "-o", `Dir::State::lists=${work}/lists`, "-o", `Dir::Cache=${work}/cache`];
  await mkdir(join(work, "lists/partial"), { recursive: true });
  await mkdir(join(work, "cache/archives/partial"), { recursive: true });
  await run("apt-get", [...own, "update"], { cwd: work });
  return (await run("apt-get", [...own, "download", ...names], { cwd: work })).code === 0 ? own : undefined;
}

/** Unpacks the packages that were downloaded, and removes them. */
async function unpackAll(work, unpacked) {
  for (const file of (await readdir(work)).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg-deb", ["--extract", join(work, file), unpacked]);
    await rm(join(work, file));
  }
}

/** Level by level of the dependencies, adds the packages that are not installed, until the program finds its libraries. */
async function addLibraries(apt, names, work, unpacked, executable) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the format of dpkg
  const { stdout } = await run("dpkg-query", ["--show", "--showformat", "${db:Status-Status} ${Package}\n"]);
  const known = new Set([
    ...names,
    ...stdout.split("\n").flatMap((line) => (line.startsWith("installed ") ? [line.slice(10)] : [])),
  ]);
  let level = names;
  while (level.length > 0 && (await lacksLibraries(executable, unpacked))) {
    const { stdout: needed } = await run("apt-cache", [...apt, "depends", "--important", ...level], { cwd: work });
    level = [...needed.matchAll(/^ +\|?(?:Pre)?Depends: ([a-z0-9][a-z0-9+.-]*)/gm)].map(([, name]) => name);
    level = [...new Set(level)].filter((name) => !known.has(name));
    for (const name of level) {
      known.add(name);
      await run("apt-get", [...apt, "download", name], { cwd: work }); // one of several alternatives may be missing
    }
    await unpackAll(work, unpacked);
  }
}

async function lacksLibraries(executable, unpacked) {
  const env = { ...process.env, LD_LIBRARY_PATH: (await libraryFolders(unpacked)).join(":"), LC_ALL: "C" };
  return (await run("ldd", [executable], { env })).output.includes("not found");
}

/** `usr/lib/x86_64-linux-gnu` and the like. */
async function libraryFolders(unpacked) {
  const folders = [];
  for (const parent of ["usr/lib", "lib"].map((name) => join(unpacked, name))) {
    if (!(await exists(parent))) continue;
    const inside = await readdir(parent, { withFileTypes: true });
    folders.push(
      ...inside
        .filter((entry) => entry.isDirectory() && entry.name.includes("-linux-"))
        .map((entry) => join(parent, entry.name)),
    );
  }
  return folders;
}
