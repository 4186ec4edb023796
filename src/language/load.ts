import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { findTree, isInside } from '../base/files.js';
import { nearestWord, normalText } from '../base/text.js';
import { type CheckedFile, checkFiles, entriesOf } from './check-files.js';
import { type Code, checked, type Diagnostic, type Finding } from './diagnostic.js';
import { diagnose, type ListFile, type Place, type PlacedFinding, parse, type Source } from './document.js';
import { type Found, splitIgnored, uselessIgnores, type WithIgnored, writtenIgnores } from './ignores.js';
import { aspectWarnings, ImageFinder, loadElements } from './images.js';
import { namedModels, profileAlone, profileLayers, writtenLayers } from './layers.js';
import { outsideTree, pathAsOnDisk, pathProblem, realPathOf, shownFolder } from './references.js';
import type { Scene, Shot, ShotList } from './shot-list.js';
import { makeShots, type ShotOptions } from './shots.js';

/** Options of the user for loading a list. */
export interface LoadOptions {
  /** The profile to apply. */
  readonly profile?: string | undefined;
  /** Variables that win over the list's own. */
  readonly set?: ReadonlyMap<string, string>;
  /** True if smaller copies of large images are sent: their size is no problem then. */
  readonly shrink?: boolean | undefined;
}

/**
 * Loads a shot list and checks everything in it that concerns no model: structure, variables, ids, elements, images.
 * Reads the list, its includes, and the tables and images that it names; no other file, and no environment variable.
 * Never throws because of a file's content.
 */
export async function loadShotList(file: string, options: LoadOptions = {}): Promise<WithIgnored<ShotList>> {
  return (await loadWithProfiles(file, options)).list;
}

/** A list as it was asked for, and how to load it with its other profiles. */
export interface LoadedList {
  readonly list: WithIgnored<ShotList>;
  /** The list with each of the profiles that are not applied; also without a profile if one is applied. */
  others(): readonly OtherProfile[];
}

/** A list with a profile that is not applied. */
export interface OtherProfile {
  /** Null for no profile. */
  readonly name: string | null;
  /** Places where the files define the profile. */
  readonly places: readonly Place[];
  /** Its diagnostics are those about the shots. */
  readonly list: WithIgnored<ShotList>;
}

/** Loads a list as `loadShotList` does; reads each file once for all of its profiles. */
export async function loadWithProfiles(file: string, options: LoadOptions = {}): Promise<LoadedList> {
  const read = readListFiles(file);
  if (!('files' in read)) {
    return { list: { ok: false, diagnostics: read, ignored: [] }, others: () => [] };
  }
  const { profile, set = new Map(), shrink = false } = options;
  const found: Found[] = [...read.diagnostics];
  const report = (one: Found) => void found.push(one);
  const parts = readParts(read, { set, shrink, report });
  const { files, ignores } = parts;
  const names = [...entriesOf(files, 'profiles').keys()];
  const unknown =
    profile === undefined || names.includes(profile) ? null : unknownProfile(profile, { files, names });
  if (unknown) report(unknown);
  const list = toShotList(parts, { profile, applied: unknown ? undefined : profile, report });
  const split = (list: ShotList, found: readonly Found[]) => {
    const { diagnostics, ignored } = splitIgnored(found, ignores);
    return { ...checked(list, diagnostics), ignored };
  };
  const withProfile = (name: string | null): OtherProfile => {
    const found: Found[] = [];
    const profile = name ?? undefined;
    const list = toShotList(parts, { profile, applied: profile, report: (one) => void found.push(one) });
    const places = name === null ? [] : profileLayers(files, name).map(({ place }) => place);
    return { name, places, list: split(list, found) };
  };
  const others = () => {
    const named = names.filter((name) => name !== profile);
    return [...named, ...(profile === undefined ? [] : [null])].map(withProfile);
  };
  return { list: split(list, found), others };
}

/** Parts of a list that are the same with every profile. */
interface ListParts extends Pick<ShotOptions, 'variables' | 'images' | 'elements' | 'scenes' | 'tree'> {
  readonly files: readonly CheckedFile[];
  readonly models: ShotList['models'];
  readonly ignores: ShotList['ignores'];
  readonly shrink: boolean;
}

function readParts(
  { files: listFiles, tree }: ListFiles,
  {
    set,
    shrink,
    report,
  }: { set: ReadonlyMap<string, string>; shrink: boolean; report: (found: Found) => void },
): ListParts {
  const { files, variables, findings } = checkFiles(listFiles, set);
  const images = new ImageFinder({ home: (files.at(-1) as CheckedFile).folder, tree, shrink });
  const layers = writtenLayers(files);
  const ignores = writtenIgnores(files, layers);
  for (const finding of [...findings, ...uselessIgnores(ignores)]) report(finding);
  const elements = loadElements(files, { images, report });
  const scenes = scenesOf(files);
  return { files, shrink, variables, images, elements, scenes, tree, models: namedModels(layers), ignores };
}

/** The list with the profile `applied`; `profile` is the one that was asked for, which may not exist. */
function toShotList(
  parts: ListParts,
  options: { profile: string | undefined; applied: string | undefined; report: (found: Found) => void },
): ShotList {
  const { files, elements, scenes, models, ignores } = parts;
  const { profile, applied, report } = options;
  const { document, value, broken } = files.at(-1) as CheckedFile;
  const forShots = { ...parts, profile: applied, report };
  const { shots, missing } = makeShots(files, forShots);
  const aspect = broken.has('aspect') ? null : (value.aspect ?? null);
  for (const warning of aspectWarnings(shots, aspect)) report(warning);

  const { path } = document.source;
  return {
    document,
    path,
    folder: dirname(path),
    name: basename(path, extname(path)),
    title: titleOf(value),
    aspect,
    budget: typeof value.budget === 'number' ? value.budget : null,
    profile: profile ?? null,
    scenes,
    elements,
    shots,
    missing,
    shrink: parts.shrink,
    unprofiled: profile === undefined ? null : unprofiledShots(shots, { files, options: forShots }),
    profileAlone: applied === undefined ? null : profileAlone(files, applied),
    models,
    ignores,
  };
}

function scenesOf(files: readonly CheckedFile[]): ReadonlyMap<string, Scene> {
  return new Map([...entriesOf(files, 'scenes')].map(([id, { value }]) => [id, { title: titleOf(value) }]));
}

function titleOf(raw: { title?: unknown } | null): string | null {
  return typeof raw?.title === 'string' ? normalText(raw.title) : null;
}

function unknownProfile(
  profile: string,
  { files, names }: { files: readonly CheckedFile[]; names: readonly string[] },
): PlacedFinding {
  const meant = nearestWord(profile, names);
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has no `profiles:`';
  const { document } = files.at(-1) as CheckedFile;
  return {
    place: { document, path: ['profiles'] },
    code: 'SL110',
    about: 'key',
    message: `this list has no profile \`${profile}\``,
    hint: meant ? `did you mean \`${meant}\`?` : known,
  };
}

/** The same shots without the profile; null if none is approved. Their problems are reported with the profile's shots. */
function unprofiledShots(
  shots: readonly Shot[],
  { files, options }: { files: readonly CheckedFile[]; options: ShotOptions },
): readonly Shot[] | null {
  if (!shots.some(({ fields }) => fields.approved !== undefined)) return null;
  return makeShots(files, { ...options, profile: undefined, report: () => {} }).shots;
}

/** A list and the files that it includes. */
interface ListFiles {
  /** Included files first, the list itself last: later ones win. */
  readonly files: readonly ListFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute path of the tree that holds every file a list may name. */
  readonly tree: string;
}

/** Reads a list and everything it includes, each file once; returns diagnostics if the list itself is unreadable. */
function readListFiles(file: string): ListFiles | readonly Diagnostic[] {
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
