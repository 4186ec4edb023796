import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Unlike anything else in a run's files, so that a search for it proves something; with signs that a URL or base64
 * would write in another way.
 */
export const TOKEN = 'e2e/token+7f3a9c-Zq~42==';

/** The part of a webhook's URL that whoever knows it can post with. */
export const HOOK_SECRET = 'e2e-hook-5d81bb0e';

/** Where the token belongs: what `shotlist login` writes. */
const TOKEN_FILE = 'token.json';

/** Every spelling in which a secret may leave, by the secret. */
const SPELLINGS = [TOKEN, HOOK_SECRET].flatMap((secret) => {
  const bytes = Buffer.from(secret);
  // Within a longer text, base64 has three forms, whose first and last letters depend on what is around.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inBase64].map((text) => [
    secret,
    Buffer.from(text),
  ]);
}) as readonly (readonly [string, Buffer])[];

/** Rejects, saying where, when a secret stands in a text or in any file of a folder. */
export async function expectNoSecrets(
  texts: Readonly<Record<string, string>>,
  folder: string,
): Promise<void> {
  const found = Object.entries(texts).filter(([, text]) => holdsSecret(Buffer.from(text)));
  const places = found.map(([name]) => name);
  for (const file of await filesIn(folder)) {
    const bytes = await readFile(file).catch(() => null);
    if (bytes && holdsSecret(bytes)) places.push(relative(folder, file));
  }
  if (places.length > 0) throw new Error(`a secret stands in ${places.join(', ')}`);
}

/** Whether a secret stands in the bytes, in any spelling. */
export function holdsSecret(bytes: Buffer): boolean {
  return SPELLINGS.some(([, spelling]) => bytes.includes(spelling));
}

async function filesIn(folder: string): Promise<string[]> {
  // What a running process removes meanwhile is of no interest.
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name !== TOKEN_FILE)
    .map((entry) => join(entry.parentPath, entry.name));
}
