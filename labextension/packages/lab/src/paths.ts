/** Where Jupyter may have a file that the kernel knows by its path, or "". */
export function contentsPath(path: string, root: string): string {
  // Jupyter writes the home folder as ~, and does not say what it is.
  const folder = `${root.replace(/^~/, "").replace(/\/$/, "")}/`;
  const at = path.indexOf(folder);
  const isThere = root !== "" && (root.startsWith("~") ? at > 0 : at === 0);
  return isThere ? path.slice(at + folder.length) : "";
}
