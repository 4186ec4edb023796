/** What a look at the file system finds; null where that throws, for whatever reason. */
export function ifThere<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
