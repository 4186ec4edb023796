import type { ManifestEntry } from '../manifest/manifest.js';
import { fetchedClip } from '../manifest/manifest.js';
import { stillNames } from '../media/still-names.js';
import { adviceFor, type Commands } from './advice.js';
import type { PagePart, PagePicture, PageStills } from './page-data.js';

/** What a page needs to know besides the manifest. */
export interface PageFiles {
  /** A file of the run directory as the page names it; null where it is not there. */
  readonly ofRun: (path: string) => string | null;
  /** A file beside the list, as its shots name it. */
  readonly ofList: (path: string) => string | null;
}

export interface PartOptions extends PageFiles {
  readonly commands: Commands;
  /** A model's short name, and what it calls the images that a shot starts and ends with. */
  readonly model: (id: string) => PageModel | null;
}

export interface PageModel {
  readonly name: string;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** A submission as the page shows it. */
export function pagePart(entry: ManifestEntry, options: PartOptions): PagePart {
  const { id, state, key, prompt, segments, seconds, audio, use, transition, cost, attempts } = entry;
  const model = options.model(entry.model);
  const clip = fetchedClip(entry);
  const src = clip && options.ofRun(clip.file);
  const { start, end, others } = picturesOf(entry, { model, files: options });
  const { advice, command } = adviceFor(entry, { commands: options.commands, isHere: src !== null });
  return {
    id,
    state,
    key,
    model: model?.name ?? entry.model,
    prompt,
    segments,
    seconds,
    audio,
    use,
    transition,
    cost,
    attempts,
    request: entry.request_id,
    submitted: entry.times.submitted,
    completed: entry.times.completed,
    clip: clip && src ? { src, media: clip.media } : null,
    stills: clip ? stillsOf(clip.file, options) : NO_STILLS,
    board: start,
    end,
    elements: others,
    settings: settingsOf(entry),
    error: entry.error?.message ?? null,
    advice,
    command,
    flags: flagsOf(entry),
    sameAs: entry.same_as,
  };
}

const NO_STILLS: PageStills = { first: null, middle: null, last: null };

function stillsOf(clip: string, { ofRun }: PageFiles): PageStills {
  const { first, middle, last } = stillNames(clip);
  return { first: ofRun(first), middle: ofRun(middle), last: ofRun(last) };
}

function flagsOf({ outputs, warnings }: ManifestEntry): readonly string[] {
  const flags = outputs.flatMap(({ check }) => check?.flags ?? []);
  return [...flags.map(({ message }) => `${message[0]?.toUpperCase()}${message.slice(1)}.`), ...warnings];
}

interface Pictures {
  readonly start: PagePicture | null;
  readonly end: PagePicture | null;
  readonly others: readonly PagePicture[];
}

function picturesOf(
  { input }: ManifestEntry,
  { model, files }: { readonly model: PageModel | null; readonly files: PageFiles },
): Pictures {
  const fields = Object.entries(input).map(([name, value]) => ({ name, found: within(value, files) }));
  // Where nobody knows the model any more, the first picture is most likely the one it starts from.
  const first = model ? model.start : fields.find(({ found }) => found.length > 0)?.name;
  const of = (name: string | undefined) => fields.find((field) => field.name === name)?.found[0] ?? null;
  const others = fields.filter(({ name }) => name !== first && name !== model?.end);
  return { start: of(first), end: of(model?.end), others: others.flatMap(({ found }) => found) };
}

/** Every picture in a value of the input, however deep. */
function within(value: unknown, files: PageFiles): readonly PagePicture[] {
  if (typeof value === 'string') return /^https?:\/\//.test(value) ? [remote(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  const { $file, $url, $last_frame_of, key } = value as Readonly<Record<string, unknown>>;
  if (typeof $file === 'string') return [{ src: files.ofList($file), label: $file, lastOf: null }];
  if (typeof $url === 'string') return [remote($url)];
  if (typeof $last_frame_of === 'string') {
    return [{ ...lastFrame($last_frame_of, String(key), files), lastOf: $last_frame_of }];
  }
  return Object.values(value).flatMap((one) => within(one, files));
}

/** A frame is kept by the key of the clip that it ends. */
function lastFrame(id: string, key: string, { ofRun }: PageFiles): Pick<PagePicture, 'src' | 'label'> {
  const at = `frames/${key.slice(0, 8)}`;
  return { src: ofRun(`${at}.png`) ?? ofRun(`${at}.jpg`), label: `the last frame of ${id}` };
}

/** A link may carry its reader's permission in its query; its place and name are enough to know it by. */
function remote(url: string): PagePicture {
  return { src: null, label: url.replace(/[?#].*$/s, ''), lastOf: null };
}

/** What the page shows elsewhere is left out. */
const SHOWN = /prompt$|^duration$|audio|^sound$/;

function settingsOf({ input, defaults, prompt }: ManifestEntry): PagePart['settings'] {
  const sent = Object.entries(input)
    .filter(([name, value]) => isPlain(value) && (!SHOWN.test(name) || name === 'negative_prompt'))
    .filter(([, value]) => value !== prompt && !/^(https?|data):/.test(String(value)))
    .map(([name, value]) => [name, String(value)] as const);
  const added = defaults.map(({ field, value }) => [field, `${textOf(value)} (the service’s own)`] as const);
  return [...sent, ...added];
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
