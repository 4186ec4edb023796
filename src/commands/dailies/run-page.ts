import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { shellWord } from '../../base/text.js';
import { makePageData, type PageModel } from '../../dailies/make-page-data.js';
import type { PageData, PageLine } from '../../dailies/page-data.js';
import { builtIn, type Catalog } from '../../models/catalog.js';
import { approvableKeys } from '../../plan/make-plan.js';
import { resolveCommand } from '../../run/messages.js';
import { visible } from '../../ui/visible.js';
import { shownPath } from '../console.js';
import { type ListFlags, listWords, runDirectory } from '../list-flags.js';
import { type ChoosableList, selectedKeys, type WrittenShot, writtenShots } from '../lists/edit-list.js';
import type { RenderedRun } from './rendered-run.js';

/** Makes the data of a run's dailies page. `refer` converts the absolute path of a file to its address on the page. */
export async function runPage(
  run: RenderedRun,
  { flags, refer }: { readonly flags: ListFlags; readonly refer: (path: string) => string },
): Promise<PageData> {
  const { manifest, directory, list, profile, currentList, listProblem } = run;
  const present = await mediaFiles(directory);
  const folder = dirname(list);
  const file = shellWord(shownPath(list));
  const options = listWords({ ...flags, ...(profile && { profile }) });
  return makePageData(manifest, {
    profile,
    made: new Date(effects.now()).toISOString(),
    list: {
      name: basename(list),
      revision: currentList?.list.document.source.sha256 ?? null,
      problem: listProblem === null ? null : visible(listProblem),
    },
    choiceCommands: { select: `shotlist select ${file}`, approve: `shotlist approve ${file}`, options },
    commands: {
      run: ['shotlist run', file, ...runOptions(run), options].filter((word) => word !== '').join(' '),
      resolve: (submission) => resolveCommand(shownPath(directory), submission),
    },
    lines: currentList ? pageLines(currentList) : new Map(),
    model: modelsOf(currentList?.catalog ?? builtIn),
    runFile: (path) => (present.has(path) ? refer(join(directory, path)) : null),
    listFile: (path) => refer(resolve(folder, path)),
  });
}

/** Options that send the next run to the same provider and directory; elsewhere it would pay for everything again. */
function runOptions({ manifest, directory, list }: RenderedRun): readonly string[] {
  const provider = manifest.service === 'local' ? 'local' : 'runcomfy';
  const usual = runDirectory({ folder: dirname(list), name: basename(list, extname(list)) }, { provider });
  return [
    ...(provider === 'local' ? ['--provider local'] : []),
    ...(directory === usual ? [] : [`--out ${shellWord(shownPath(directory))}`]),
  ];
}

/** Clips, stills and last frames in a run directory; paths relative to it. */
async function mediaFiles(directory: string): Promise<ReadonlySet<string>> {
  const names = await Promise.all(
    ['videos', 'stills', 'frames'].map(async (folder) => {
      const files = await readdir(join(directory, folder)).catch(() => []);
      return files.map((file) => `${folder}/${file}`);
    }),
  );
  return new Set(names.flat());
}

function modelsOf(catalog: Catalog): (id: string) => PageModel | null {
  return (id) => {
    const model = catalog.find(id);
    return model ? { name: model.name, start: model.fields.start_image, end: model.fields.end_image } : null;
  };
}

/** Lines of the list with their approval, by the ids of the shots that come from them. */
function pageLines({ list, plan, catalog }: ChoosableList): ReadonlyMap<string, PageLine> {
  const keys = selectedKeys(plan);
  const others = approvableKeys(list, catalog);
  const lines = new Map<string, PageLine>();
  for (const written of writtenShots(list).values()) {
    const { id, variants } = written;
    const takes = Math.min(...variants.map(({ fields }) => fields.takes ?? 1));
    const approved = approvalOf(written, [keys, others]);
    const line: PageLine = { id, word: shellWord(id), takes, shots: variants.length, approved };
    for (const variant of variants) lines.set(variant.id, line);
  }
  return lines;
}

function approvalOf(
  { variants }: WrittenShot,
  keys: readonly ReadonlyMap<string, string>[],
): PageLine['approved'] {
  const signed = variants.filter(({ fields }) => fields.approved !== undefined);
  if (signed.length === 0) return 'no';
  const holds = signed.every(({ id, fields: { approved = '' } }) =>
    keys.some((known) => known.get(id)?.startsWith(approved)),
  );
  return holds ? 'yes' : 'stale';
}
