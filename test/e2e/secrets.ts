import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A token that occurs nowhere else, with characters that a URL and base64 spell in another way. */
export const TOKEN = 'e2e/token+7f3a9c-Zq~42==';

/** The secret part of a webhook's URL. */
export const HOOK_SECRET = 'e2e-hook-5d81bb0e';

/** The file that `shotlist login` writes, where the token belongs. */
const TOKEN_FILE = 'token.json';

/** Every spelling of each secret. */
const SPELLINGS = [TOKEN, HOOK_SECRET].flatMap((secret) => {
  const bytes = Buffer.from(secret);
  // Within a longer text, base64 has three forms. Their first and last letters depend on the neighbours.
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

/** Rejects with the places if a secret is in a text or in a file of a folder. */
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
  if (places.length > 0) throw new Error(`a secret is in ${places.join(', ')}`);
}

/** True if the bytes contain a secret in any spelling. */
export function holdsSecret(bytes: Buffer): boolean {
  return SPELLINGS.some(([, spelling]) => bytes.includes(spelling));
}

async function filesIn(folder: string): Promise<string[]> {
  // A running process may remove files meanwhile.
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name !== TOKEN_FILE)
    .map((entry) => join(entry.parentPath, entry.name));
}
