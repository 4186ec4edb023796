import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findTree, isInside, nullIfMissing } from '../base/files.js';
import type { Diagnostic } from './diagnostic.js';
import { diagnose, type ListDocument, parse } from './document.js';
import type { Finding } from './finding.js';
import { pathProblem } from './path-problem.js';
import { readSource, type Source } from './source.js';

/** One of the files that a list is made of. */
export interface ListFile {
  readonly document: ListDocument;
  /** Absolute path of the folder that its paths start from. */
  readonly folder: string;
  /** Whether it is the list itself, and not something it includes. */
  readonly isMain: boolean;
}

export interface ReadFiles {
  /** What is included first, the list itself last: later ones win. */
  readonly files: readonly ListFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** The tree in which files may be named. */
  readonly tree: string;
}

/** Reads a list and everything it includes, each file once; null where the list itself cannot be read. */
export function readFiles(file: string): ReadFiles | readonly Diagnostic[] {
  const source = readSource(file);
  if ('code' in source) return [source];
  const tree = findTree(dirname(source.path));
  const reader = new FilesReader(tree);
  const isRead = reader.read(source, []);
  return isRead ? reader : reader.diagnostics;
}

class FilesReader implements ReadFiles {
  readonly files: ListFile[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly tree: string;
  readonly #seen = new Set<string>();

  constructor(tree: string) {
    this.tree = tree;
  }

  /** `way` holds the paths of the files that led here. */
  read(source: Source, way: readonly string[]): boolean {
    this.#seen.add(source.path);
    const { document, diagnostics } = parse(source);
    this.diagnostics.push(...diagnostics);
    if (!document) return false;
    for (const [index, reference] of includesOf(document.value).entries()) {
      const problem = this.#include(reference, { from: source, way: [...way, source.path] });
      if (problem) {
        this.diagnostics.push(diagnose({ place: { document, path: ['include', index] }, ...problem }));
      }
    }
    this.files.push({ document, folder: dirname(source.path), isMain: way.length === 0 });
    return true;
  }

  #include(reference: string, { from, way }: { from: Source; way: readonly string[] }): Finding | undefined {
    const code = 'SL222';
    const wrong = pathProblem(reference) ?? this.#outside(join(dirname(from.path), reference), reference);
    if (wrong) return wrong;
    const source = readSource(join(shownFolder(from), reference));
    if ('code' in source) return { code, message: `${reference} cannot be included: ${source.message}` };
    if (way.includes(source.path))
      return { code, message: `${reference} includes itself, by way of other files` };
    if (!this.#seen.has(source.path)) this.read(source, way);
    return undefined;
  }

  /** Looked at before the file is: what lies outside is none of the list's business. */
  #outside(path: string, reference: string): Finding | undefined {
    const real = realPathOf(path);
    if (isInside(path, this.tree) && isInside(real, this.tree)) return undefined;
    return { code: 'SL212', message: `${reference} leads out of the shot list’s tree` };
  }
}

/** Path with links resolved; the same path if they cannot be: reading the file then says why. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** The folder of a file as the user named it; its real one where a link elsewhere leads to the file. */
function shownFolder({ file, path }: Source): string {
  const real = nullIfMissing(() => realpathSync.native(dirname(file)));
  return real === dirname(path) ? dirname(file) : dirname(path);
}

/** As far as they are written as such; the schema says what is wrong with others. */
function includesOf(value: unknown): readonly string[] {
  const include = (value as { include?: unknown } | null)?.include;
  return Array.isArray(include) ? include.filter((item) => typeof item === 'string') : [];
}
