import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findTree, isInside } from '../base/files.js';
import type { Code, Diagnostic, Finding } from './diagnostic.js';
import { diagnose, type ListDocument, parse, type Source } from './document.js';

/** One of the files that a list is made of. */
export interface ListFile {
  readonly document: ListDocument;
  /** Absolute path of the folder that its paths start from. */
  readonly folder: string;
  /** True for the list itself, false for a file that it includes. */
  readonly isMain: boolean;
}

/** A list and the files that it includes. */
export interface ListFiles {
  /** Included files first, the list itself last: later ones win. */
  readonly files: readonly ListFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute path of the tree that holds every file a list may name. */
  readonly tree: string;
}

/** Reads a list and everything it includes, each file once; returns diagnostics if the list itself is unreadable. */
export function readListFiles(file: string): ListFiles | readonly Diagnostic[] {
  const source = readSource(file);
  if ('code' in source) return [source];
  const reader = new FilesReader(findTree(dirname(source.path)));
  const isRead = reader.readWithIncludes(source, []);
  return isRead ? reader : reader.diagnostics;
}

class FilesReader implements ListFiles {
  readonly files: ListFile[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly tree: string;
  readonly #seen = new Set<string>();

  constructor(tree: string) {
    this.tree = tree;
  }

  /** Returns false if the file cannot be parsed. `includers` are the paths of the files that include it. */
  readWithIncludes(source: Source, includers: readonly string[]): boolean {
    this.#seen.add(source.path);
    const { document, diagnostics } = parse(source);
    this.diagnostics.push(...diagnostics);
    if (!document) return false;
    for (const [index, reference] of includesOf(document.value).entries()) {
      const problem = this.#include(reference, { from: source, includers: [...includers, source.path] });
      if (problem) {
        this.diagnostics.push(diagnose({ place: { document, path: ['include', index] }, ...problem }));
      }
    }
    this.files.push({ document, folder: dirname(source.path), isMain: includers.length === 0 });
    return true;
  }

  #include(
    reference: string,
    { from, includers }: { from: Source; includers: readonly string[] },
  ): Finding | undefined {
    const code = 'SL222';
    const wrong = pathProblem(reference) ?? this.#outside(join(dirname(from.path), reference), reference);
    if (wrong) return wrong;
    const source = readSource(join(shownFolder(from), pathAsOnDisk(reference, dirname(from.path))));
    if ('code' in source) return { code, message: `${reference} cannot be included: ${source.message}` };
    if (includers.includes(source.path))
      return { code, message: `${reference} includes itself, by way of other files` };
    if (!this.#seen.has(source.path)) this.readWithIncludes(source, includers);
    return undefined;
  }

  /** Finding about a path outside the tree; checked before the file is read, because a list must not read such files. */
  #outside(path: string, reference: string): Finding | undefined {
    const isOutside = !isInside(path, this.tree) || !isInside(realPathOf(path), this.tree);
    return isOutside ? outsideTree(reference) : undefined;
  }
}

/** The folder of a file as the user named it; the real one if the file was reached by a link from another folder. */
export function shownFolder({ file, path }: Source): string {
  return realPathOf(dirname(file)) === dirname(path) ? dirname(file) : dirname(path);
}

/** Path with links resolved; the same path if they cannot be resolved: reading the file then says why. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Includes that are texts; the schema reports others. */
function includesOf(value: unknown): readonly string[] {
  const include = (value as { include?: unknown } | null)?.include;
  return Array.isArray(include) ? include.filter((item) => typeof item === 'string') : [];
}

/** Largest shot list read, bytes: some 200,000 shots. */
const LARGEST = 128 * 1024 * 1024;

/** Reads a file as UTF-8 text; a diagnostic says why it cannot, and at which line. */
export function readSource(file: string): Source | Diagnostic {
  const path = resolve(file);
  let bytes: Buffer;
  let real: string;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return fileError('SL002', file, 'this is a folder', 'name the shot list in it');
    // A pipe may never end.
    if (!stats.isFile())
      return fileError('SL002', file, 'this is not a regular file', 'save the shot list to one');
    if (stats.size > LARGEST) {
      return fileError(
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
  const problem = textProblem(file, bytes);
  if (problem) return problem;
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  return { file, path: real, text, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function textProblem(file: string, bytes: Buffer): Diagnostic | undefined {
  if (bytes.length === 0) {
    return fileError('SL005', file, 'the file is empty', 'begin with `version: 1` and `shots:`');
  }
  const start = bytes.subarray(0, 2).toString('hex');
  if (start === 'fffe' || start === 'feff') {
    return fileError('SL004', file, 'the file is UTF-16 text', 'save it as UTF-8');
  }
  if (bytes.includes(0)) {
    return fileError('SL004', file, 'the file holds zero bytes: it is not text', 'save it as UTF-8 text');
  }
  if (bytes.includes(0x0d) && !bytes.includes(0x0a)) {
    return fileError(
      'SL004',
      file,
      'its lines end with CR alone, as on the oldest Macs',
      'save it with LF line ends',
    );
  }
  if (isUtf8(bytes)) return undefined;
  const { line, column } = firstBadByte(bytes);
  return {
    ...fileError('SL004', file, 'this is not UTF-8 text', 'save the file as UTF-8'),
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

/** The longest valid start of a line that is not UTF-8. */
function validPrefix(line: Buffer): string {
  let good = 0;
  let bad = line.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // The cut may be inside a character, so also try up to three bytes before it.
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
      return fileError('SL001', file, 'there is no such file', 'check the path');
    case 'ELOOP':
      return fileError('SL002', file, 'this is a link that leads back to itself');
    case 'EACCES':
    case 'EPERM':
      return fileError('SL002', file, 'reading it is not permitted', 'check its permissions');
    default:
      return fileError('SL002', file, `it cannot be read: ${error.message}`);
  }
}

function fileError(code: Code, file: string, message: string, hint?: string): Diagnostic {
  const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  return { code, severity: 'error', message, file, ...start, ...(hint !== undefined && { hint }) };
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}

/** Longest path that every system takes, characters: PATH_MAX of macOS. */
const LONGEST_PATH = 1024;

const FROM_ITS_FOLDER = 'write the path from the shot list’s own folder';

/**
 * Problem with a path as a list writes it; reads no file. A path must mean the same file on every system: relative,
 * written with `/`, without a drive, a share or a home folder.
 */
export function pathProblem(reference: string): Finding | undefined {
  const code = 'SL212';
  if (reference.length > LONGEST_PATH) return { code: 'SL211', message: 'no path is that long' };
  if (reference.includes('\0')) return { code, message: 'a path cannot hold a zero byte' };
  // `C:board.png` too: on Windows it is relative to the drive's current folder.
  if (/^(?:[a-z]:|[\\/])/i.test(reference))
    return { code, message: `${reference} is an absolute path`, hint: FROM_ITS_FOLDER };
  if (reference.startsWith('~'))
    return { code, message: '~ is not read as a home folder', hint: FROM_ITS_FOLDER };
  if (reference.includes('\\'))
    return { code, message: 'paths are written with /', hint: `write ${reference.replaceAll('\\', '/')}` };
  return undefined;
}

/**
 * A path as its file is called: an accented letter is one character or two, and a list that was edited on another system
 * may write the other form. Returns the composed form where both lead to one file, and `reference` where none does.
 */
export function pathAsOnDisk(reference: string, folder: string): string {
  const composed = reference.normalize('NFC');
  const forms = [...new Set([reference, composed, reference.normalize('NFD')])];
  if (forms.length === 1) return reference;
  const real = (form: string) => {
    const path = join(folder, form);
    return existsSync(path) ? realPathOf(path) : null;
  };
  const found = forms.find((form) => real(form) !== null) ?? reference;
  return real(composed) === real(found) ? composed : found;
}

/** The finding about a path that leads out of the tree. */
export function outsideTree(reference: string, hint?: string): Finding {
  return { code: 'SL212', message: `${reference} leads out of the shot list’s tree`, hint };
}
