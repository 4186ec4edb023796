import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeDurably } from '../../base/durable-file.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { findTree, isInside, whyNotWritten } from '../../base/files.js';
import { shellWord } from '../../base/text.js';
import { formatCount } from '../../base/units.js';
import { parseColumnMap } from '../../import/columns.js';
import { importSource } from '../../import/import-source.js';
import type { Imported } from '../../import/imported.js';
import { promptOf } from '../../import/prompt.js';
import { readRequests } from '../../import/requests.js';
import { writeList } from '../../import/write-list.js';
import { durations, findModel, models } from '../../models/catalog.js';
import { suggestModel } from '../../models/suggest-model.js';
import { visible } from '../../ui/visible.js';
import { type Console, exitOf, type Failure, fail, showDiagnostics, shownPath } from '../console.js';
import { checkList } from '../plan/check-list.js';

/** Flags of `shotlist import`. */
export interface ImportFlags {
  readonly out?: string;
  readonly model?: string;
  /** `field=Header` pairs. */
  readonly map: readonly string[];
  readonly force?: boolean;
}

/** Cheapest model with a known price, and cheapest one that takes an end image. */
const MODEL = 'kling-3.0/standard';
const MODEL_TO_END_IMAGE = 'kling-3.0/pro';

/** Path of the schema for editors, which `init` writes. */
const SCHEMA = '.shotlist/shotlist.schema.json';

/** `shotlist import`: writes a shot list from a folder of images, a table or a Storyboarder scene, and checks it. */
export async function importList(source: string, flags: ImportFlags, console: Console): Promise<ExitCode> {
  const map = parseColumnMap(flags.map);
  if ('message' in map) return fail(console, { exit: Exit.usage, ...map });
  const unknown = modelProblem(flags.model);
  if (unknown) return fail(console, unknown);
  const isInput = source === '-';
  const from = resolve(isInput ? 'film' : source);
  const read = isInput
    ? await readRequests(await text(console.stdin), {
        name: null,
        folder: process.cwd(),
        model: flags.model,
      })
    : await importSource(from, { map, model: flags.model });
  if (!read.ok) return fail(console, { ...read, message: visible(read.message) });
  const out = resolve(flags.out ?? (isInput ? 'film.yaml' : await defaultListPath(from)));
  const obstacle = await whyNotAllowed(out, { imported: read.imported, force: flags.force === true });
  if (obstacle) return fail(console, obstacle);
  const list = await listText(read.imported, { out, model: flags.model });
  try {
    for (const { name, bytes } of read.imported.files ?? [])
      await writeBeside(join(dirname(out), name), bytes);
    await writeDurably(out, list);
  } catch (error) {
    const why = whyNotWritten(error as NodeJS.ErrnoException);
    return fail(console, { exit: Exit.cannotWrite, message: `${shownPath(out)} cannot be written: ${why}` });
  }
  return showImported(out, read.imported, console);
}

function modelProblem(name: string | undefined): Failure | null {
  if (name === undefined || findModel(name)) return null;
  return {
    exit: Exit.usage,
    message: `there is no model ${visible(name)}`,
    hint: suggestModel(name, models),
  };
}

/** Writes a picture that its name identifies, unless it is there already. */
async function writeBeside(path: string, bytes: Uint8Array): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, bytes);
}

/** Path for the new list: beside the source, or inside it if the current folder is inside it too, so that the list's tree holds the images. */
async function defaultListPath(source: string): Promise<string> {
  const inside = !relative(source, process.cwd()).startsWith('..') && (await stat(source)).isDirectory();
  const name = basename(source, extname(source)) || 'film';
  return join(inside ? source : dirname(source), `${name}.yaml`);
}

/** Reason why the list may not be written there; null if it may. */
async function whyNotAllowed(
  out: string,
  { imported, force }: { imported: Imported; force: boolean },
): Promise<Failure | null> {
  const folder = dirname(out);
  if (!(await exists(folder))) {
    return {
      exit: Exit.cannotWrite,
      message: `there is no folder ${shownPath(folder)} to write the list into`,
    };
  }
  if (!force && (await exists(out))) {
    const hint = '--out writes another file, --force replaces this one';
    return {
      exit: Exit.cannotWrite,
      message: `${shownPath(out)} is already there; nothing was written`,
      hint,
    };
  }
  const tree = await findTree(folder);
  for (const image of imagesOf(imported)) {
    if (!isAbsolute(image)) continue;
    const real = await realpath(image).catch(() => image);
    if (isInside(real, tree)) continue;
    return {
      exit: Exit.usage,
      message: `${shownPath(image)} would be outside the tree of ${shownPath(out)}; nothing was written`,
      hint: 'a list names images of its own git repository or folder: put it beside them with --out, or copy them',
    };
  }
  return null;
}

/** Images that a film names: absolute paths and URLs. */
function imagesOf({ shots, elements = {} }: Imported): readonly string[] {
  const named = [
    ...shots.flatMap(({ startImage, endImage, sent }) => [
      startImage,
      endImage,
      sent?.start_image,
      sent?.end_image,
    ]),
    ...Object.values(elements).flatMap(({ frontal_image, reference_images = [] }) => [
      frontal_image,
      ...reference_images,
    ]),
  ];
  return named.filter((image) => typeof image === 'string');
}

async function listText(
  imported: Imported,
  { out, model }: { out: string; model: string | undefined },
): Promise<string> {
  const folder = dirname(out);
  const hasEndImages = imported.shots.some(({ endImage }) => endImage !== undefined);
  return writeList(imported, {
    folder,
    model: model ?? (hasEndImages ? MODEL_TO_END_IMAGE : MODEL),
    lengthsOf: (name, withEndImage) => {
      const found = findModel(name);
      return found ? durations(found, withEndImage) : [];
    },
    ...((await exists(join(folder, SCHEMA))) && { schema: `./${SCHEMA}` }),
  });
}

/** Shows the number of shots and the work that is left; checks the new list. */
async function showImported(out: string, { shots, notices }: Imported, console: Console): Promise<ExitCode> {
  const { stdout, stderr } = console;
  const place = shownPath(out);
  const toWrite = shots.filter((shot) => shot.sent === undefined && promptOf(shot).toWrite).length;
  stdout.write(`${place}: ${formatCount(shots.length, 'shot')}\n`);
  for (const notice of notices) stdout.write(`${visible(notice)}\n`);
  if (toWrite > 0)
    stdout.write(`${formatCount(toWrite, 'shot')} without words: look for “to write” in the list.\n`);
  const { ok, diagnostics } = await checkList(relative(process.cwd(), out));
  if (diagnostics.length > 0) await showDiagnostics(stderr, diagnostics, console);
  stdout.write(
    ok
      ? `To rehearse it, free of charge: shotlist run ${shellWord(place)} --provider local\n`
      : `The list is written but not valid yet: correct the problems above, then shotlist validate ${shellWord(place)}\n`,
  );
  return exitOf(diagnostics);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
