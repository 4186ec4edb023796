import { basename, dirname, extname } from 'node:path';
import { nearest, normalText } from '../base/text.js';
import { type CheckedFile, checkFiles, entriesOf } from './check-files.js';
import { type Checked, checked, type Diagnostic } from './diagnostic.js';
import { diagnose, type PlacedFinding } from './document.js';
import { type ListFiles, readListFiles } from './files.js';
import { aspectWarnings, ImageFinder, loadElements } from './images.js';
import type { Scene, Shot, ShotList } from './shot-list.js';
import { makeShots, type ShotOptions } from './shots.js';

/** Options of the user for loading a list. */
export interface LoadOptions {
  /** The profile to apply. */
  readonly profile?: string | undefined;
  /** Variables that win over the list's own. */
  readonly set?: ReadonlyMap<string, string>;
}

/**
 * Loads a shot list and checks everything in it that concerns no model: structure, variables, ids, elements, images.
 * Reads the list, its includes, and the tables and images that it names; no other file, and no environment variable.
 * Never throws because of a file's content.
 */
export async function loadShotList(file: string, options: LoadOptions = {}): Promise<Checked<ShotList>> {
  const found = readListFiles(file);
  if (!('files' in found)) return { ok: false, diagnostics: found };
  const diagnostics: Diagnostic[] = [...found.diagnostics];
  const report = (found: PlacedFinding | Diagnostic) =>
    void diagnostics.push('place' in found ? diagnose(found) : found);
  const list = toShotList(found, { ...options, report });
  return checked(list, diagnostics);
}

function toShotList(
  { files: listFiles, tree }: ListFiles,
  { profile, set = new Map(), report }: LoadOptions & { report: (found: PlacedFinding | Diagnostic) => void },
): ShotList {
  const { files, variables, findings } = checkFiles(listFiles, set);
  for (const finding of findings) report(finding);
  const { document, folder, value, broken } = files.at(-1) as CheckedFile;

  const images = new ImageFinder({ home: folder, tree });
  const elements = loadElements(files, { images, report });
  const scenes = scenesOf(files);
  const unknown = profile === undefined ? null : unknownProfile(profile, files);
  if (unknown) report(unknown);

  const options = {
    profile: unknown ? undefined : profile,
    variables,
    images,
    elements,
    scenes,
    tree,
    report,
  };
  const { shots, missing } = makeShots(files, options);
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
    unprofiled: profile === undefined ? null : unprofiledShots(shots, { files, options }),
  };
}

function scenesOf(files: readonly CheckedFile[]): ReadonlyMap<string, Scene> {
  return new Map([...entriesOf(files, 'scenes')].map(([id, { value }]) => [id, { title: titleOf(value) }]));
}

function titleOf(raw: { title?: unknown } | null): string | null {
  return typeof raw?.title === 'string' ? normalText(raw.title) : null;
}

/** The finding about an unknown profile; null if one of the files has it. */
function unknownProfile(profile: string, files: readonly CheckedFile[]): PlacedFinding | null {
  const names = [...entriesOf(files, 'profiles').keys()];
  if (names.includes(profile)) return null;
  const meant = nearest(profile, names);
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
