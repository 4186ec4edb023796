/**
 * Whether a file of that name, with any ending, is a device on Windows: what is written there is lost, and what is read
 * may never end (Microsoft's "Naming Files, Paths, and Namespaces").
 */
export function isDeviceName(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
}
