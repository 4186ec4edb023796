import { nearest } from '../nearest.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import type { ListFile } from './files.js';
import { fillIn, ROW, type Variable, type Variables } from './fill-in.js';
import type { Layer, RawFields } from './layers.js';
import type { ImageReference } from './shot-list.js';
import { checkStructure, type Structure } from './structure.js';

/** One file, variables filled in and checked against the schema. */
export interface CheckedFile extends ListFile {
  readonly value: RawList;
  readonly structure: Structure;
}

/** A list's structure as the schema promises it; parts that broke it are left out before this is believed. */
export interface RawList {
  readonly title?: string | null;
  readonly aspect?: string | null;
  readonly look?: string | null;
  readonly defaults?: RawFields | null;
  readonly vars?: Readonly<Record<string, Variable>> | null;
  readonly elements?: Readonly<Record<string, RawElement>> | null;
  readonly scenes?: Readonly<Record<string, RawScene | null>> | null;
  readonly profiles?: Readonly<Record<string, RawFields | null>> | null;
  readonly shots?: readonly (RawFields & { readonly id: string })[];
}

export interface RawElement {
  readonly frontal_image?: ImageReference | null;
  readonly reference_images?: readonly ImageReference[] | null;
  readonly video?: string | null;
}

export interface RawScene {
  readonly title?: string | null;
  readonly defaults?: RawFields | null;
}

/** Fills in every file's variables, `set` winning over what the files say, and checks its structure. */
export function checkFiles(
  files: readonly ListFile[],
  set: ReadonlyMap<string, string>,
): { files: readonly CheckedFile[]; findings: readonly PlacedFinding[] } {
  const findings: PlacedFinding[] = [];
  const variables = variablesOf(files);
  for (const [name, value] of set) {
    if (!variables.has(name)) findings.push(unknownVariable(name, { files, names: variables.keys() }));
    variables.set(name, value);
  }
  const checked = files.map((file): CheckedFile => {
    const value = fillFile(file, { variables, findings });
    const structure = checkStructure(file, value);
    findings.push(...structure.findings);
    return {
      ...file,
      value: value !== null && typeof value === 'object' ? (value as RawList) : {},
      structure,
    };
  });
  return { files: checked, findings };
}

function variablesOf(files: readonly ListFile[]): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const { document } of files) {
    const vars = (document.value as { vars?: unknown } | null)?.vars;
    for (const [name, value] of Object.entries(vars ?? {})) {
      if (['string', 'number', 'boolean'].includes(typeof value)) variables.set(name, value as Variable);
    }
  }
  return variables;
}

/** Parts of a list in whose texts variables are filled in. */
const FILLED = ['title', 'aspect', 'look', 'defaults', 'elements', 'scenes', 'profiles', 'shots'] as const;

function fillFile(
  { document }: ListFile,
  { variables, findings }: { variables: Variables; findings: PlacedFinding[] },
): unknown {
  const { value, source } = document;
  if (!source.text.includes('${') || typeof value !== 'object' || value === null) return value;
  const isLater = (name: string) => name.startsWith(ROW);
  const filled: Record<string, unknown> = { ...value };
  for (const part of FILLED) {
    if (filled[part] === undefined) continue;
    const onUnknown = (path: readonly (string | number)[], finding: Omit<PlacedFinding, 'place'>) => {
      findings.push({ place: { document, path: [part, ...path] }, ...finding });
    };
    filled[part] = fillIn(filled[part], { variables, isLater, onUnknown });
  }
  return filled;
}

function unknownVariable(
  name: string,
  { files, names }: { files: readonly ListFile[]; names: Iterable<string> },
): PlacedFinding {
  const known = [...names];
  const meant = nearest(name, known);
  const { document } = files.at(-1) as ListFile;
  return {
    place: { document, path: ['vars'] },
    code: 'SL106',
    about: 'key',
    message: `--set names \`${name}\`, which is no variable of this list`,
    hint: meant
      ? `did you mean \`${meant}\`?`
      : known.length > 0
        ? `it has ${known.join(', ')}`
        : 'it has no `vars:`',
  };
}

/** Fields without which a shot cannot be looked at by its model. */
const NEEDED: ReadonlySet<string> = new Set(['model', 'prompt', 'start_image', 'end_image']);

/** What the files say for every shot, lowest first: the list's look, then the defaults. */
export function commonLayers(files: readonly CheckedFile[]): readonly Layer[] {
  return files.flatMap((file) => {
    const root: Place = { document: file.document, path: [] };
    const { look, defaults } = file.value;
    const layers: Layer[] = [];
    if (look !== undefined && !file.structure.broken.has('look')) {
      layers.push({ fields: { look }, place: root, unread: new Set() });
    }
    layers.push(layerOf(file, { part: 'defaults', place: inside(root, 'defaults'), fields: defaults }));
    return layers;
  });
}

/** The layers that one scene has, lowest first. */
export function sceneLayers(files: readonly CheckedFile[], scene: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.structure.broken.has('scenes') ? undefined : file.value.scenes?.[scene];
    const place = { document: file.document, path: ['scenes', scene, 'defaults'] };
    return raw ? [layerOf(file, { part: `scenes/${scene}`, place, fields: raw.defaults })] : [];
  });
}

/** The layers that one profile has, lowest first. */
export function profileLayers(files: readonly CheckedFile[], profile: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.structure.broken.has('profiles') ? undefined : file.value.profiles?.[profile];
    const place = { document: file.document, path: ['profiles', profile] };
    return raw ? [layerOf(file, { part: `profiles/${profile}`, place, fields: raw })] : [];
  });
}

function layerOf(
  { structure }: CheckedFile,
  { part, place, fields }: { part: string; place: Place; fields: RawFields | null | undefined },
): Layer {
  // Nobody knows what defaults that are no map were to say.
  if (structure.broken.has(part)) return { fields: {}, place, unread: NEEDED };
  return { fields: fields ?? {}, place, unread: structure.unread.get(part) ?? new Set() };
}

/** What the files hold under one name each, later files winning, with the place of each. */
export function named<Part extends 'elements' | 'scenes' | 'profiles'>(
  files: readonly CheckedFile[],
  part: Part,
): ReadonlyMap<string, { value: NonNullable<RawList[Part]>[string]; file: CheckedFile; place: Place }> {
  const found = new Map<
    string,
    { value: NonNullable<RawList[Part]>[string]; file: CheckedFile; place: Place }
  >();
  for (const file of files) {
    if (file.structure.broken.has(part)) continue;
    for (const [name, value] of Object.entries(file.value[part] ?? {})) {
      const place = { document: file.document, path: [part, name] };
      found.set(name, { value: value as NonNullable<RawList[Part]>[string], file, place });
    }
  }
  return found;
}
