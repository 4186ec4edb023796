import { mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeDurably } from '../../base/durable-file.js';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { builtIn, type Model } from '../../models/catalog.js';
import { adoptModel } from '../../models/live-model.js';
import { MODELS_FOLDER, prepareModel, readCatalog } from '../../models/read-catalog.js';
import type { CatalogModel, Service } from '../../runcomfy/service.js';
import { findToken } from '../../runcomfy/token.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail } from '../console.js';
import { describeModel, folderOf } from './models.js';
import { openService } from './provider.js';

export interface AddModelFlags {
  /** Shot list that will use the model; `models/` is beside it, or in the current folder by default. */
  readonly list?: string;
}

/** `shotlist models add`: writes a model of the live catalog into `models/` beside the list. */
export async function addModel(id: string, flags: AddModelFlags, console: Console): Promise<ExitCode> {
  const shipped = builtIn.find(id);
  if (shipped) {
    const message = `${shipped.name} comes with Shotlist; there is nothing to add`;
    return fail(console, { exit: Exit.usage, message, hint: 'for its price of today, see --live-prices' });
  }
  const live = await fetchModel(id, console.env);
  if ('exit' in live) return fail(console, live);
  const added = await writeModel(live, folderOf(flags.list));
  if ('exit' in added) return fail(console, added);
  const { model, path, isNew } = added;
  const shown = visible(relative(process.cwd(), path));
  console.stdout.write(
    `${isNew ? 'Wrote' : 'Updated'} ${shown}. Commit it with the list, which names the model ${model.name}.\n${lengthNotice(model, shown)}\n`,
  );
  console.stdout.write(describeModel(model, console));
  return Exit.done;
}

async function fetchModel(id: string, env: NodeJS.ProcessEnv): Promise<CatalogModel | Failure> {
  const token = await findToken(env);
  if (token.kind !== 'found') return { exit: Exit.account, message: asContinuation(token.message) };
  const service = openService({ env, token: token.token });
  if ('exit' in service) return service;
  try {
    const answer = await service.catalog({ model: id });
    if (answer.kind === 'models') {
      const live = answer.models.find(({ modelId }) => modelId === id);
      return live ?? { exit: Exit.usage, message: `the catalog answered about another model than ${id}` };
    }
    if (answer.kind === 'forgotten') return await unknownModel(id, service);
    const exit = answer.kind === 'unreachable' ? Exit.serviceDown : Exit.account;
    // A refusal without a status comes from this machine: the id has a wrong form.
    return {
      exit: answer.status === null && answer.kind === 'refused' ? Exit.usage : exit,
      message: asContinuation(answer.message),
    };
  } finally {
    await service.close();
  }
}

/** The failure for an unknown id, with models that the catalog finds for its most telling part. */
async function unknownModel(id: string, service: Pick<Service, 'catalog'>): Promise<Failure> {
  const parts = id.split('/').filter((part) => !part.endsWith('-to-video'));
  const answer = await service.catalog({ search: parts.at(-1) ?? id, limit: 5 });
  const ids = answer.kind === 'models' ? answer.models.map(({ modelId }) => modelId) : [];
  const hint =
    ids.length > 0
      ? `the catalog has ${ids.slice(0, 5).join(', ')}`
      : 'the id is in the address of its page, such as kling/kling-3.0/pro/image-to-video';
  return { exit: Exit.usage, message: `RunComfy has no model ${id}`, hint };
}

async function writeModel(
  live: CatalogModel,
  folder: string,
): Promise<{ model: Model; path: string; isNew: boolean } | Failure> {
  const { catalog } = await readCatalog(folder);
  const before = catalog.find(live.modelId);
  const date = new Date(effects.now()).toISOString().slice(0, 10);
  const isTaken = (name: string) => catalog.find(name) !== undefined;
  const model = adoptModel(live, { date, isTaken, ...(before && { before }) });
  if (!model) {
    const message = `the catalog does not say what ${live.modelId} takes`;
    return {
      exit: Exit.invalid,
      message,
      hint: 'nothing was written; ask RunComfy, or write its file by hand',
    };
  }
  const prepared = await prepareModel(model);
  if ('message' in prepared) return { exit: Exit.invalid, message: `${live.modelId}: ${prepared.message}` };
  const path = join(folder, MODELS_FOLDER, `${model.name.replaceAll('/', '-')}.json`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(path, `${JSON.stringify(model, null, 2)}\n`);
  } catch (error) {
    const message = `cannot write ${path}: ${(error as Error).message}`;
    return { exit: Exit.cannotWrite, message, hint: 'nothing was added' };
  }
  return { model, path, isNew: before === undefined };
}

/** A line on the assumed length of its videos; empty if the catalog, or a person, gives the length. */
function lengthNotice({ seconds }: Model, shown: string): string {
  if (seconds === undefined) return '';
  return `The catalog does not say how long its videos are: ${seconds} s is assumed; correct \`seconds\` in ${shown}.\n`;
}

/** A sentence of the client in the form that follows `shotlist:`. */
function asContinuation(message: string): string {
  return message.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
