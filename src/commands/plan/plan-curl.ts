import { join, relative, sep } from 'node:path';
import { shellWord } from '../../base/text.js';
import { formatCount, formatSeconds, formatUsd } from '../../base/units.js';
import type { Catalog } from '../../models/catalog.js';
import { isChainedFrame, isVersionedUrl, resolveMedia } from '../../models/native-input.js';
import type { Plan, Submission } from '../../plan/plan.js';
import type { KeyStates } from '../../run/records/render.js';
import { jsonText, visible } from '../../ui/visible.js';

/** Facts that the commands need besides the plan. */
interface CurlOptions {
  readonly keyStates: KeyStates;
  readonly catalog: Catalog;
  /** Base URL of the API, ending in `/v1`. */
  readonly base: string;
}

/**
 * The plan as a script of `curl` commands for POSIX shells, in the form of the documents. The token stays in the environment,
 * and the shell reads local images when it runs.
 */
export function formatCurl({ list, submissions }: Plan, options: CurlOptions): string {
  const head = `# ${visible(list.name)}: ${formatCount(submissions.length, 'submission')}. Each command is paid for, and Shotlist learns nothing of it.
# RUNCOMFY_API_TOKEN is the token. Run the commands in the folder in which they were printed.
`;
  return [head, ...submissions.map((one) => commandOf(one, list.folder, options))].join('\n');
}

function commandOf(
  submission: Submission,
  folder: string,
  { keyStates, catalog, base }: CurlOptions,
): string {
  const { id, model, seconds, cost, key, same_as } = submission;
  if (same_as !== null) return `# ${id} is the same request as ${same_as}: it is sent once\n`;
  const state = keyStates.get(key)?.state;
  const known = state === undefined ? '' : ` (${state} already: sent again, it is paid again)`;
  const { body, notes } = bodyOf(submission, folder);
  const lines = [
    'curl --request POST',
    `--url ${shellWord(`${base}/models/${model}`)}`,
    '--header "Content-Type: application/json"',
    '--header "Authorization: Bearer $RUNCOMFY_API_TOKEN"',
    `--data ${body}`,
  ];
  const name = catalog.find(model)?.name ?? model;
  const title = `# ${id}: ${visible(name)}, ${formatSeconds(seconds)}, ${formatUsd(cost.usd)}${known}`;
  return [...notes, title, lines.join(' \\\n  '), ''].join('\n');
}

/** Character that no JSON of ours has, around the number of a reference to a file. */
const MARK = '\ue000';

/** Body of a submission as the shell takes it, and comments about what it needs. */
function bodyOf({ input }: Submission, folder: string): { body: string; notes: readonly string[] } {
  const files: string[] = [];
  const notes: string[] = [];
  const value = resolveMedia(input, (media) => {
    if (isVersionedUrl(media)) return media.$url;
    const isFrame = isChainedFrame(media);
    const path = isFrame ? `${media.$last_frame_of}.last-frame.png` : shownFrom(folder, media.$file);
    if (isFrame) notes.push(`# First save the last frame of the clip of ${media.$last_frame_of} as ${path}.`);
    files.push(`$(base64 < ${shellWord(path)} | tr -d '\\n')`);
    return `data:${isFrame ? 'image/png' : media.type};base64,${MARK}${files.length - 1}${MARK}`;
  });
  const json = jsonText(value, 2);
  if (files.length === 0)
    return { body: `'${json.replaceAll('\n', '\n  ').replaceAll("'", String.raw`'\''`)}'`, notes };
  // One word of a command may have 128 KiB in Linux, and an image has more; a here-document has no limit.
  const escaped = json.replace(/[\\$`]/g, String.raw`\$&`);
  const filled = escaped.replace(
    new RegExp(`${MARK}(\\d+)${MARK}`, 'g'),
    (_, index) => files[Number(index)] as string,
  );
  return { body: `@- <<BODY\n${filled}\nBODY`, notes };
}

/** Path of a file of the list from the current folder. */
function shownFrom(folder: string, file: string): string {
  return relative(process.cwd(), join(folder, file)).split(sep).join('/');
}
