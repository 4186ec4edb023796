import { inside, type Place, type PlacedFinding } from './document.js';
import type { ListFile } from './files.js';
import { fillIn, mentionsRow, type Variable, type Variables } from './fill-in.js';
import type { Layer, RawFields } from './layers.js';
import type { ImageReference } from './shot-list.js';
import { checkStructure, type Structure } from './structure.js';
import { resolveVariables } from './variables.js';

/** One file, variables filled in and checked against the schema. */
export interface CheckedFile extends ListFile {
  readonly value: RawList;
  readonly structure: Structure;
}

/** A list's structure as the schema promises it; parts that broke it are left out before this is believed. */
export interface RawList {
  readonly title?: string | null;
  readonly aspect?: string | null;
  readonly budget?: number | null;
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

/** What checking the files came to. */
export interface CheckedFiles {
  readonly files: readonly CheckedFile[];
  readonly variables: Variables;
  readonly findings: readonly PlacedFinding[];
}

/** Fills in every file's variables, `set` winning over what the files say, and checks its structure. */
export async function checkFiles(
  files: readonly ListFile[],
  set: ReadonlyMap<string, string>,
): Promise<CheckedFiles> {
  const { variables, findings: doubts } = resolveVariables(files, set);
  const findings = [...doubts];
  const checked: CheckedFile[] = [];
  for (const file of files) {
    const { value, unfilled } = fillFile(file, variables);
    const paths = unfilled.map(({ place }) => place.path);
    const structure = await checkStructure(file, { value, unfilled: paths });
    for (const finding of [...unfilled, ...structure.findings]) findings.push(finding);
    const list = value !== null && typeof value === 'object' ? (value as RawList) : {};
    checked.push({ ...file, value: list, structure });
  }
  return { files: checked, variables, findings };
}

/** Parts of a list in whose texts variables are filled in, and whether a table's row may be named there. */
const FILLED = {
  title: false,
  aspect: false,
  budget: false,
  elements: false,
  look: true,
  defaults: true,
  scenes: true,
  profiles: true,
  shots: true,
} as const;

function fillFile(
  { document }: ListFile,
  variables: Variables,
): { value: unknown; unfilled: readonly PlacedFinding[] } {
  const { value, source } = document;
  const unfilled: PlacedFinding[] = [];
  if (!mayRefer(source.text) || typeof value !== 'object' || value === null) return { value, unfilled };
  const filled: Record<string, unknown> = { ...value };
  for (const [part, hasRows] of Object.entries(FILLED)) {
    if (filled[part] === undefined) continue;
    filled[part] = fillIn(filled[part], {
      variables,
      path: [part],
      ...(hasRows && { isLater: mentionsRow }),
      onUnknown: (path, finding) => unfilled.push({ place: { document, path }, ...finding }),
    });
  }
  return { value: filled, unfilled };
}

/** Whether a file's texts may name variables; a quoted text may write the signs as `\\x24`. */
export function mayRefer(text: string): boolean {
  return text.includes('${') || text.includes('\\');
}

/** Fields without which a shot cannot be looked at by its model. */
const NEEDED: ReadonlySet<string> = new Set(['model', 'prompt', 'start_image', 'end_image']);

/** What the files say for every shot, lowest first: the list's look, then the defaults. */
export function commonLayers(files: readonly CheckedFile[]): readonly Layer[] {
  return files.flatMap((file) => {
    const root: Place = { document: file.document, path: [] };
    const { look, defaults } = file.value;
    const layers: Layer[] = [];
    if (file.structure.broken.has('look'))
      layers.push({ fields: {}, place: root, invalid: new Set(['look']) });
    else if (look !== undefined) layers.push({ fields: { look }, place: root, invalid: new Set() });
    layers.push(layerOf(file, { part: 'defaults', place: inside(root, 'defaults'), fields: defaults }));
    return layers;
  });
}

/** The layers that one scene has, lowest first. */
export function sceneLayers(files: readonly CheckedFile[], scene: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.structure.broken.has('scenes') ? undefined : ownOf(file.value.scenes, scene);
    const place = { document: file.document, path: ['scenes', scene, 'defaults'] };
    if (!raw) return [];
    // Which scene a shot is in cannot follow from the scene it is in; that is told with the structure.
    const { scene: _, ...fields } = raw.defaults ?? {};
    return [layerOf(file, { part: `scenes/${scene}`, place, fields })];
  });
}

/** The layers that one profile has, lowest first. */
export function profileLayers(files: readonly CheckedFile[], profile: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.structure.broken.has('profiles') ? undefined : ownOf(file.value.profiles, profile);
    const place = { document: file.document, path: ['profiles', profile] };
    return raw ? [layerOf(file, { part: `profiles/${profile}`, place, fields: raw })] : [];
  });
}

/** What a map has under a name that may be `constructor`. */
function ownOf<T>(map: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

function layerOf(
  { structure }: CheckedFile,
  { part, place, fields }: { part: string; place: Place; fields: RawFields | null | undefined },
): Layer {
  // Nobody knows what defaults that are no map were to say.
  if (structure.broken.has(part)) return { fields: {}, place, invalid: NEEDED };
  return { fields: fields ?? {}, place, invalid: structure.invalid.get(part) ?? new Set() };
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
