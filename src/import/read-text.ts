import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Exit, type ExitCode } from '../base/exit.js';

/** Largest text that is read, bytes: ten times a table of 100,000 rows. Our choice. */
const LARGEST = 64 * 1024 * 1024;

/** The text of a file without its byte order mark, or a message that says why it cannot be read. */
export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly exit: ExitCode; readonly message: string; readonly hint?: string };

/** Reads text as spreadsheets and editors write it: UTF-8, or UTF-16 where a byte order mark says so. */
export async function readText(path: string): Promise<TextResult> {
  const name = basename(path);
  let bytes: Buffer;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) return invalid(`${name} is not a regular file`);
    if (stats.size > LARGEST) return invalid(`${name} has more than 64 MiB; that is not a shot list`);
    bytes = await readFile(path);
  } catch (error) {
    return { ok: false, exit: Exit.missing, message: whyNotRead(name, error as NodeJS.ErrnoException) };
  }
  // ZIP's signature: xlsx, numbers and ods files are archives (PKWARE APPNOTE 4.3.7).
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) {
    return invalid(`${name} is a workbook or an archive, not text`, 'save the sheet as CSV (UTF-8)');
  }
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.trim() === '' ? invalid(`${name} is empty`) : { ok: true, text };
  } catch {
    return invalid(`${name} is not UTF-8 text`, 'save it as “CSV UTF-8”, or as UTF-8 in a text editor');
  }
}

/** Reason why a file or folder cannot be read, as a sentence without its full stop. */
export function whyNotRead(name: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no file or folder ${name}`;
    case 'EACCES':
    case 'EPERM':
      return `reading ${name} is not permitted`;
    default:
      return `${name} cannot be read: ${error.message}`;
  }
}

function invalid(message: string, hint?: string): TextResult {
  return { ok: false, exit: Exit.invalid, message, ...(hint !== undefined && { hint }) };
}
