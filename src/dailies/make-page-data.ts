import type { Manifest, ManifestEntry } from '../manifest/manifest.js';
import type { PageData, PageLine, PageShot, PageTake, PageVariant } from './page-data.js';
import { type PartOptions, pagePart } from './page-part.js';
import { type StoryShot, type StoryVariant, type TakeOf, tellStory } from './story.js';

export interface PageOptions extends PartOptions {
  readonly profile: string | null;
  /** UTC, ISO 8601. */
  readonly made: string;
  readonly list: PageData['list'];
  readonly choosing: PageData['commands'];
  /** The line of the list that a shot is written in, by the shot's id. */
  readonly lines: ReadonlyMap<string, PageLine>;
}

/** A manifest as the dailies page shows it. */
export function makePageData(manifest: Manifest, options: PageOptions): PageData {
  const story = tellStory(manifest);
  const { profile, made, list, choosing } = options;
  return {
    title: story.title,
    rehearsal: story.service === 'local',
    profile,
    made,
    list,
    commands: choosing,
    scenes: story.scenes.map(({ id, title, shots }) => ({
      id,
      title,
      shots: shots.map((shot) => shotOf(shot, options)),
    })),
    unlisted: story.unlisted.map((entry) => loneTake(entry, options)),
  };
}

function shotOf({ id, variants }: StoryShot, options: PageOptions): PageShot {
  const [first] = variants;
  return {
    id,
    notes: first?.notes ?? null,
    line: (first && options.lines.get(first.id)) ?? null,
    variants: variants.map((variant) => variantOf(variant, { shot: id, options })),
  };
}

function variantOf(
  { id, takes }: StoryVariant,
  { shot, options }: { readonly shot: string; readonly options: PageOptions },
): PageVariant {
  const label = id === shot ? null : id.startsWith(`${shot}.`) ? id.slice(shot.length + 1) : id;
  return { id, label, takes: takes.map((take) => takeOf(take, options)) };
}

function takeOf(
  { take, selected, parts: [first, ...rest] }: TakeOf<ManifestEntry>,
  options: PageOptions,
): PageTake {
  return {
    take,
    selected,
    parts: [pagePart(first, options), ...rest.map((part) => pagePart(part, options))],
  };
}

function loneTake(entry: ManifestEntry, options: PageOptions): PageTake {
  return { take: entry.take, selected: false, parts: [pagePart(entry, options)] };
}
