import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Code } from './codes.js';
import type { Diagnostic } from './diagnostic.js';

/** The text of one shot list. */
export interface Source {
  /** The path as the user named it. */
  readonly file: string;
  /** Absolute path, links resolved: what a list names and writes is beside the real file, however it was reached. */
  readonly path: string;
  readonly text: string;
  /** Of the file's bytes, 64 hex digits. */
  readonly sha256: string;
}

/** Largest shot list read, bytes: some 200,000 shots. */
const LARGEST = 128 * 1024 * 1024;

/** Reads a shot list as UTF-8 text, or says at which line it is none. */
export function readSource(file: string): Source | Diagnostic {
  const path = resolve(file);
  let bytes: Buffer;
  let real: string;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return fault('SL002', file, 'this is a folder', 'name the shot list in it');
    // A pipe may never end, and nothing is beside it.
    if (!stats.isFile()) return fault('SL002', file, 'this is no regular file', 'save the shot list to one');
    if (stats.size > LARGEST) {
      return fault(
        'SL003',
        file,
        `the file is ${mebibytes(stats.size)}; at most ${mebibytes(LARGEST)} are read`,
      );
    }
    bytes = readFileSync(path);
    real = realpathSync.native(path);
  } catch (error) {
    return unreadable(file, error as NodeJS.ErrnoException);
  }
  const problem = notText(file, bytes);
  if (problem) return problem;
  // By hand, because the first `TextDecoder` takes 5 ms.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  return { file, path: real, text, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function notText(file: string, bytes: Buffer): Diagnostic | undefined {
  if (bytes.length === 0) {
    return fault('SL005', file, 'the file is empty', 'begin with `version: 1` and `shots:`');
  }
  const start = bytes.subarray(0, 2).toString('hex');
  if (start === 'fffe' || start === 'feff') {
    return fault('SL004', file, 'the file is UTF-16 text', 'save it as UTF-8');
  }
  if (bytes.includes(0)) {
    return fault('SL004', file, 'the file holds zero bytes: it is no text', 'save it as UTF-8 text');
  }
  if (bytes.includes(0x0d) && !bytes.includes(0x0a)) {
    return fault(
      'SL004',
      file,
      'its lines end as on the oldest Macs (CR alone)',
      'save it with LF line ends',
    );
  }
  if (isUtf8(bytes)) return undefined;
  const { line, column } = firstBadByte(bytes);
  return {
    ...fault('SL004', file, 'this is not UTF-8 text', 'save the file as UTF-8'),
    line,
    column,
    endLine: line,
    endColumn: column + 1,
  };
}

function firstBadByte(bytes: Buffer): { line: number; column: number } {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content)) return { line, column: validPrefix(content).length + 1 };
    start = end;
  }
  return { line, column: 1 };
}

function validPrefix(line: Buffer): string {
  let good = 0;
  let bad = line.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // A cut inside a character is no fault of the file: step back over its up to three leading bytes.
    const cuts = [0, 1, 2, 3].map((back) => Math.max(0, middle - back));
    if (cuts.some((cut) => isUtf8(line.subarray(0, cut)) && cut > middle - 4)) good = middle;
    else bad = middle;
  }
  while (!isUtf8(line.subarray(0, good))) good--;
  return line.toString('utf8', 0, good);
}

function unreadable(file: string, error: NodeJS.ErrnoException): Diagnostic {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fault('SL001', file, 'there is no such file', 'check the path');
    case 'ELOOP':
      return fault('SL002', file, 'this is a link that leads back to itself');
    case 'EACCES':
    case 'EPERM':
      return fault('SL002', file, 'reading it is not permitted', 'check its permissions');
    default:
      return fault('SL002', file, `it cannot be read: ${error.message}`);
  }
}

function fault(code: Code, file: string, message: string, hint?: string): Diagnostic {
  const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  return { code, severity: 'error', message, file, ...start, ...(hint !== undefined && { hint }) };
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
