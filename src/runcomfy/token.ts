import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeDurably } from '../base/durable-file.js';
import { isObject, type Json, type JsonObject } from '../base/json.js';

/** Token, or the reason why there is none that can be used. */
export type FoundToken =
  /** `source` is the variable or the file that holds the token. */
  | { readonly kind: 'found'; readonly token: string; readonly source: string }
  | { readonly kind: 'none'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

/** Result of storing a token. */
export type StoredToken =
  | { readonly kind: 'stored'; readonly path: string }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'cannot-write'; readonly code: string; readonly message: string };

const VARIABLES = ['RUNCOMFY_API_TOKEN', 'RUNCOMFY_TOKEN'];

/** Fields of RunComfy's file that belong to one login; they must not stay beside a new token. */
const LOGIN_KEYS = ['access_token', 'refresh_token', 'expires_at', 'user_email'];

/**
 * Finds the API token: in `RUNCOMFY_API_TOKEN` or `RUNCOMFY_TOKEN`, else in the file that `runcomfy login` and
 * `shotlist login` write. Messages never hold it. `now` is in milliseconds since 1970.
 */
export async function findToken(env: NodeJS.ProcessEnv, now: () => number = Date.now): Promise<FoundToken> {
  for (const name of VARIABLES) {
    const token = env[name]?.trim() ?? '';
    // CI sets a variable to an empty text if its secret is missing.
    if (token === '') continue;
    const problem = tokenProblem(token);
    if (problem === null) return { kind: 'found', token, source: name };
    return { kind: 'invalid', message: `The token in ${name} ${problem}.` };
  }
  return readTokenFile(tokenPath(env), now());
}

/** Stores a token in the file of RunComfy's own tools, readable by this user only. */
export async function storeToken(env: NodeJS.ProcessEnv, text: string): Promise<StoredToken> {
  const token = text.trim();
  const problem = token === '' ? 'is empty' : tokenProblem(token);
  if (problem !== null) return { kind: 'invalid', message: `The token ${problem}. Nothing was stored.` };
  const path = tokenPath(env);
  try {
    await mkdir(configFolder(env), { recursive: true, mode: 0o700 });
    const kept = Object.entries(await fieldsIn(path)).filter(([key]) => !LOGIN_KEYS.includes(key));
    const content = { access_token: token, ...Object.fromEntries(kept) };
    await writeDurably(path, `${JSON.stringify(content, null, 2)}\n`, 0o600);
    return { kind: 'stored', path };
  } catch (error) {
    const code = errorCode(error);
    const message = `Cannot write ${path} (${code}). Set RUNCOMFY_API_TOKEN, or name another folder with RUNCOMFY_CONFIG_DIR.`;
    return { kind: 'cannot-write', code, message };
  }
}

/** Path of the file that RunComfy's own command line keeps its login in; the same place on every system. */
export function tokenPath(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), 'token.json');
}

function configFolder(env: NodeJS.ProcessEnv): string {
  if (env.RUNCOMFY_CONFIG_DIR) return env.RUNCOMFY_CONFIG_DIR;
  if (env.XDG_CONFIG_HOME) return join(env.XDG_CONFIG_HOME, 'runcomfy');
  const home = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  return join(home || homedir(), '.config', 'runcomfy');
}

async function readTokenFile(path: string, now: number): Promise<FoundToken> {
  let content: Json;
  try {
    content = JSON.parse(await readFile(path, 'utf8')) as Json;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const message = 'No RunComfy token was found. Run `shotlist login`, or set RUNCOMFY_API_TOKEN.';
      return { kind: 'none', message };
    }
    return unusable(path, error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${code})`);
  }
  const stored = isObject(content) ? content.access_token : undefined;
  if (typeof stored !== 'string' || stored.trim() === '') return unusable(path, 'holds no access_token');
  const token = stored.trim();
  const problem = tokenProblem(token);
  if (problem !== null) return unusable(path, `holds a token that ${problem}`);
  const expiry = isObject(content) ? content.expires_at : undefined;
  if (typeof expiry === 'number' && expiry * 1_000 <= now) {
    return unusable(path, `holds a token that expired ${dayOf(expiry)}`);
  }
  return { kind: 'found', token, source: path };
}

function unusable(path: string, problem: string): FoundToken {
  return {
    kind: 'invalid',
    message: `${path} ${problem}. Run \`shotlist login\`, or set RUNCOMFY_API_TOKEN.`,
  };
}

/** Reason why a text cannot be a bearer token, as the end of a sentence; null if it can be one. */
export function tokenProblem(token: string): string | null {
  if (/^bearer\s/i.test(token)) return 'begins with "Bearer"; give only what follows it';
  if (/\s/.test(token)) return 'holds a space or a line break; copy it again';
  // A header takes only ASCII, and look-alike letters copied from a page are often not ASCII.
  return /^[\x21-\x7e]+$/.test(token) ? null : 'holds characters no token has; copy it again';
}

/** Fields of the file; none if it is missing or no JSON object, so that it is replaced. */
async function fieldsIn(path: string): Promise<JsonObject> {
  try {
    const content = JSON.parse(await readFile(path, 'utf8')) as Json;
    return isObject(content) ? content : {};
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return {};
    throw error;
  }
}

/** Day of a time in Unix seconds, as the end of a sentence; `long ago` if the number is no date. */
function dayOf(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? 'long ago' : `on ${date.toISOString().slice(0, 10)}`;
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO';
}
