import { withoutQuery } from '../base/text.js';
import { fetchedClip, fetchedClips, type Manifest, type ManifestEntry } from '../manifest/manifest.js';
import { stillNames } from '../media/still-names.js';
import type {
  PageData,
  PageLine,
  PagePart,
  PagePicture,
  PageShot,
  PageStills,
  PageTake,
  PageVariant,
} from './page-data.js';
import { type StoryShot, type StoryVariant, storyOf, type TakeOf } from './story.js';

/** Facts that a page needs besides the manifest. */
export interface PageOptions {
  readonly profile: string | null;
  /** Current time; UTC, ISO 8601. */
  readonly made: string;
  readonly list: PageData['list'];
  /** Commands that write choices into the list. */
  readonly choiceCommands: PageData['commands'];
  /** Commands that the advice names. */
  readonly commands: AdviceCommands;
  /** Entries of the list, by the ids of their shots. */
  readonly lines: ReadonlyMap<string, PageLine>;
  /** Finds a model by its id; null if the model is unknown. */
  readonly model: (id: string) => PageModel | null;
  /** Address of a file of the run directory; null if the file is missing. */
  readonly runFile: (path: string) => string | null;
  /** Address of a file that is named relative to the list. */
  readonly listFile: (path: string) => string | null;
}

/** Short name of a model, and the names of its fields for the first and the last image. */
export interface PageModel {
  readonly name: string;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** Command lines, quoted for a shell. */
export interface AdviceCommands {
  /** For example `shotlist run film.yaml`. */
  readonly run: string;
  /** For example `shotlist resolve renders/film cliff --request-id …`. */
  readonly resolve: (submission: { readonly shot: string; readonly requestId: string | null }) => string;
}

/** Converts a manifest to the data of the dailies page. Pure. */
export function makePageData(manifest: Manifest, options: PageOptions): PageData {
  const story = storyOf(manifest);
  const { profile, made, list, choiceCommands } = options;
  return {
    title: story.title,
    rehearsal: story.service === 'local',
    profile,
    made,
    list,
    commands: choiceCommands,
    scenes: story.scenes.map(({ id, title, shots }) => ({
      id,
      title,
      shots: shots.map((shot) => pageShot(shot, options)),
    })),
    unlisted: story.unlisted.map((entry) => ({
      take: entry.take,
      selected: false,
      parts: [pagePart(entry, options)],
    })),
  };
}

function pageShot({ id, variants }: StoryShot, options: PageOptions): PageShot {
  const [first] = variants;
  return {
    id,
    notes: first?.notes ?? null,
    line: (first && options.lines.get(first.id)) ?? null,
    variants: variants.map((variant) => pageVariant(variant, { shot: id, options })),
  };
}

function pageVariant(
  { id, takes }: StoryVariant,
  { shot, options }: { readonly shot: string; readonly options: PageOptions },
): PageVariant {
  const label = id === shot ? null : id.startsWith(`${shot}.`) ? id.slice(shot.length + 1) : id;
  return { id, label, takes: takes.map((take) => pageTake(take, options)) };
}

function pageTake(
  { take, selected, parts: [first, ...rest] }: TakeOf<ManifestEntry>,
  options: PageOptions,
): PageTake {
  return {
    take,
    selected,
    parts: [pagePart(first, options), ...rest.map((part) => pagePart(part, options))],
  };
}

function pagePart(entry: ManifestEntry, options: PageOptions): PagePart {
  const { id, state, key, prompt, segments, seconds, audio, use, transition, cost, attempts } = entry;
  const model = options.model(entry.model);
  const clip = fetchedClip(entry);
  const src = clip && options.runFile(clip.file);
  const { start, end, others } = sentPictures(entry, { model, files: options });
  const [kept = null] = fetchedClips(entry).map(({ file }) => file);
  const { advice, command } = adviceFor(entry, {
    commands: options.commands,
    hasClip: src !== null,
    noVideo: clip ? null : kept,
  });
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

type Files = Pick<PageOptions, 'runFile' | 'listFile'>;

const NO_STILLS: PageStills = { first: null, middle: null, last: null };

function stillsOf(clip: string, { runFile }: Files): PageStills {
  const { first, middle, last } = stillNames(clip);
  return { first: runFile(first), middle: runFile(middle), last: runFile(last) };
}

function flagsOf({ outputs, warnings }: ManifestEntry): readonly string[] {
  const flags = outputs.flatMap(({ check }) => check?.flags ?? []);
  return [...flags.map(({ message }) => `${message[0]?.toUpperCase()}${message.slice(1)}.`), ...warnings];
}

interface SentPictures {
  readonly start: PagePicture | null;
  readonly end: PagePicture | null;
  readonly others: readonly PagePicture[];
}

function sentPictures(
  { input }: ManifestEntry,
  { model, files }: { readonly model: PageModel | null; readonly files: Files },
): SentPictures {
  const fields = Object.entries(input).map(([name, value]) => ({ name, found: picturesIn(value, files) }));
  // The first picture of an unknown model is most likely its start image.
  const start = model ? model.start : fields.find(({ found }) => found.length > 0)?.name;
  const pictureOf = (name: string | undefined) =>
    fields.find((field) => field.name === name)?.found[0] ?? null;
  const others = fields.filter(({ name }) => name !== start && name !== model?.end);
  return {
    start: pictureOf(start),
    end: pictureOf(model?.end),
    others: others.flatMap(({ found }) => found),
  };
}

/** Pictures in a value of the input, at any depth. */
function picturesIn(value: unknown, files: Files): readonly PagePicture[] {
  if (typeof value === 'string') return /^https?:\/\//.test(value) ? [remotePicture(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  const { $file, $url, $last_frame_of, key } = value as Readonly<Record<string, unknown>>;
  if (typeof $file === 'string') return [{ src: files.listFile($file), label: $file, lastOf: null }];
  if (typeof $url === 'string') return [remotePicture($url)];
  if (typeof $last_frame_of === 'string') {
    return [lastFramePicture($last_frame_of, String(key), files)];
  }
  return Object.values(value).flatMap((one) => picturesIn(one, files));
}

/** Last frame of a clip; the file is named by the key of the clip. */
function lastFramePicture(id: string, key: string, { runFile }: Files): PagePicture {
  const path = `frames/${key.slice(0, 8)}`;
  const src = runFile(`${path}.png`) ?? runFile(`${path}.jpg`);
  return { src, label: `the last frame of ${id}`, lastOf: id };
}

/** A picture on another machine. The label has no query, because a query may hold a secret. */
function remotePicture(url: string): PagePicture {
  return { src: null, label: withoutQuery(url), lastOf: null };
}

/** Fields that the page shows elsewhere. */
const SHOWN_ELSEWHERE = /prompt$|^duration$|audio|^sound$/;

function settingsOf({ input, defaults, prompt }: ManifestEntry): PagePart['settings'] {
  const sent = Object.entries(input)
    .filter(([name, value]) => isScalar(value) && (!SHOWN_ELSEWHERE.test(name) || name === 'negative_prompt'))
    .filter(([, value]) => value !== prompt && !/^(https?|data):/.test(String(value)))
    .map(([name, value]) => [name, String(value)] as const);
  const added = defaults.map(({ field, value }) => [field, `${textOf(value)} (the service’s own)`] as const);
  return [...sent, ...added];
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Advice about a submission without a clip, and the command that follows it; nulls if there is a clip. */
function adviceFor(
  { state, id, request_id, error, selected, accepted_missing }: ManifestEntry,
  {
    commands: { run, resolve },
    hasClip,
    noVideo,
  }: {
    readonly commands: AdviceCommands;
    readonly hasClip: boolean;
    /** File that the service sent instead of a video; null if it sent one or nothing. */
    readonly noVideo: string | null;
  },
): Pick<PagePart, 'advice' | 'command'> {
  if (accepted_missing && !hasClip) {
    return {
      advice: 'Its clip is gone and not needed here, as accepted with shotlist resolve.',
      command: null,
    };
  }
  switch (state) {
    case 'done':
      if (noVideo !== null)
        return { advice: `What the service sent is no video, and is kept as ${noVideo}.`, command: null };
      return hasClip
        ? { advice: null, command: null }
        : { advice: 'Its clip is not here any more. The next run fetches it.', command: run };
    case 'submitted':
      return { advice: 'It is with the service. The next run polls and fetches it.', command: run };
    case 'completed':
      return { advice: 'It is rendered and paid for, but not here. The next run fetches it.', command: run };
    case 'cancelled':
      return { advice: 'It was cancelled and cost nothing. The next run sends it again.', command: run };
    case 'planned':
      return error
        ? { advice: 'It is sent once that is settled.', command: null }
        : { advice: selected ? 'Not sent yet.' : 'Not sent yet; another take is chosen.', command: run };
    case 'refused':
      return { advice: 'It cost nothing. Correct the shot, then run again.', command: run };
    case 'failed':
      return {
        advice:
          'It is not sent again by itself. Change the shot and run again, or pay for another try as it is.',
        command: `${run} --retry-failed`,
      };
    case 'unknown':
      return {
        advice:
          'It may have been billed, so it is not sent again by itself. Look for it under Library > Generations on RunComfy’s site, then settle it.',
        command: resolve({ shot: id, requestId: request_id }),
      };
    default:
      return state satisfies never;
  }
}
