import { basename, dirname, extname } from 'node:path';
import { nearest } from '../base/text.js';
import { aspectDoubts } from './aspect.js';
import { type Checked, checked, type Diagnostic } from './diagnostic.js';
import { diagnose, type PlacedFinding } from './document.js';
import { loadElements } from './elements.js';
import { type ReadFiles, readFiles } from './files.js';
import { ImageFinder } from './images.js';
import { shareEndImages } from './share-end-images.js';
import { type CheckedFile, checkFiles, named } from './shared.js';
import type { Scene, Shot, ShotList } from './shot-list.js';
import { makeShots, type ShotOptions } from './shots.js';

/** How to read a list. */
export interface LoadOptions {
  /** The profile to apply. */
  readonly profile?: string | undefined;
  /** Variables that win over the list's own. */
  readonly set?: ReadonlyMap<string, string>;
}

/**
 * Reads a shot list and checks all of it that concerns no model: structure, variables, ids, elements, images.
 * Reads the list, what it includes, and the tables and images it names; nothing else, and never the environment.
 * Never throws for what a file holds.
 */
export async function loadShotList(file: string, options: LoadOptions = {}): Promise<Checked<ShotList>> {
  const read = readFiles(file);
  if (!('files' in read)) return { ok: false, diagnostics: read };
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  const report = (finding: PlacedFinding) => void diagnostics.push(diagnose(finding));
  return checked(await load(read, { ...options, report }), diagnostics);
}

async function load(
  { files: read, tree }: ReadFiles,
  { profile, set = new Map(), report }: LoadOptions & { report: (finding: PlacedFinding) => void },
): Promise<ShotList> {
  const { files, variables, findings } = await checkFiles(read, set);
  for (const finding of findings) report(finding);
  const main = files.at(-1) as CheckedFile;
  const { document, folder, value, structure } = main;
  const images = new ImageFinder({ home: folder, tree });
  const elements = loadElements(files, { images, report });
  const scenes = new Map([...named(files, 'scenes')].map(([id, { value: raw }]) => [id, sceneOf(raw)]));
  const known = profile === undefined || checkProfile(profile, { files, report });
  const profiled = known ? profile : undefined;
  const options = { profile: profiled, variables, images, elements, scenes, tree, report };
  const made = await makeShots(files, options);
  const shots = shareEndImages(made, report);
  const { missing } = made;
  const isApproved = shots.some(({ fields }) => fields.approved !== undefined);
  const unprofiled = profile !== undefined && isApproved ? await withoutProfile(files, options) : null;
  const aspect = structure.broken.has('aspect') ? null : (value.aspect ?? null);
  for (const doubt of aspectDoubts(shots, aspect)) report(doubt);
  const { path } = document.source;
  return {
    document,
    path,
    folder: dirname(path),
    name: basename(path, extname(path)),
    title: typeof value.title === 'string' ? value.title : null,
    aspect,
    budget: typeof value.budget === 'number' ? value.budget : null,
    profile: profile ?? null,
    scenes,
    elements,
    shots,
    missing,
    unprofiled,
  };
}

/** What is wrong with the shots is said of them as the profile makes them. */
async function withoutProfile(files: readonly CheckedFile[], options: ShotOptions): Promise<readonly Shot[]> {
  const silent = () => {};
  const made = await makeShots(files, { ...options, profile: undefined, report: silent });
  return shareEndImages(made, silent);
}

function sceneOf(raw: unknown): Scene {
  const title = (raw as { title?: unknown } | null)?.title;
  return { title: typeof title === 'string' ? title : null };
}

function checkProfile(
  profile: string,
  { files, report }: { files: readonly CheckedFile[]; report: (finding: PlacedFinding) => void },
): boolean {
  const names = [...named(files, 'profiles').keys()];
  if (names.includes(profile)) return true;
  const meant = nearest(profile, names);
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has no `profiles:`';
  const { document } = files.at(-1) as CheckedFile;
  report({
    place: { document, path: ['profiles'] },
    code: 'SL110',
    about: 'key',
    message: `this list has no profile \`${profile}\``,
    hint: meant ? `did you mean \`${meant}\`?` : known,
  });
  return false;
}
