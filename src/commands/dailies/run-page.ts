import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { shellWord } from '../../base/text.js';
import { makePageData } from '../../dailies/make-page-data.js';
import type { PageData } from '../../dailies/page-data.js';
import type { PageModel } from '../../dailies/page-part.js';
import { builtIn, type Catalog } from '../../models/catalog.js';
import { resolveCommand } from '../../run/messages.js';
import { visible } from '../../ui/visible.js';
import { shownPath } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { listWords, runDirectory } from '../list-flags.js';
import { pageLines } from './page-lines.js';
import type { RenderedRun } from './rendered-run.js';

/** What the dailies page of a run shows. `refer` gives the address of a file, by its absolute path, on the page. */
export async function runPage(
  run: RenderedRun,
  { flags, refer }: { readonly flags: ListFlags; readonly refer: (path: string) => string },
): Promise<PageData> {
  const { manifest, directory, list, profile, today, unread } = run;
  const here = await filesOf(directory);
  const folder = dirname(list);
  const file = shellWord(shownPath(list));
  const options = listWords({ ...flags, ...(profile && { profile }) });
  return makePageData(manifest, {
    profile,
    made: new Date(effects.now()).toISOString(),
    list: {
      name: basename(list),
      revision: today?.list.document.source.sha256 ?? null,
      unread: unread === null ? null : visible(unread),
    },
    choosing: { select: `shotlist select ${file}`, approve: `shotlist approve ${file}`, options },
    commands: {
      run: ['shotlist run', file, ...whereWords(run), options].filter((word) => word !== '').join(' '),
      resolve: (submission) => resolveCommand(shownPath(directory), submission),
    },
    lines: today ? pageLines(today) : new Map(),
    model: modelsOf(today?.catalog ?? builtIn),
    ofRun: (path) => (here.has(path) ? refer(join(directory, path)) : null),
    ofList: (path) => refer(resolve(folder, path)),
  });
}

/** By whom, and where: in another directory, the next run would pay for everything again. */
function whereWords({ manifest, directory, list }: RenderedRun): readonly string[] {
  const provider = manifest.service === 'local' ? 'local' : 'runcomfy';
  const usual = runDirectory({ folder: dirname(list), name: basename(list, extname(list)) }, { provider });
  return [
    ...(provider === 'local' ? ['--provider local'] : []),
    ...(directory === usual ? [] : [`--out ${shellWord(shownPath(directory))}`]),
  ];
}

/** Clips, stills and chained frames that are there, relative to the run directory. */
async function filesOf(directory: string): Promise<ReadonlySet<string>> {
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
