/** Files that are whole at any time, whenever the program is killed. */
import { open, rename, rm } from "node:fs/promises";

/**
 * Writes a file beside the one that it replaces and then in its place.
 * @param {string} path
 * @param {string} text
 */
export async function writeWhole(path, text) {
  const draft = draftOf(path);
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    // Before the name: after a power cut the name must not stand for an empty file.
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/**
 * Removes a file that {@link writeWhole} wrote, and what a kill in the middle of it left.
 * @param {string} path of a file that may be missing
 */
export async function removeWhole(path) {
  await rm(path, { force: true });
  await rm(draftOf(path), { force: true });
}

/** @param {string} path */
function draftOf(path) {
  return `${path}.new`;
}
