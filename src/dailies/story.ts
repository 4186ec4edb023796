import type { Manifest, ManifestEntry } from '../manifest/manifest.js';

/** A film as scenes, shots, variants and takes. */
export interface Story {
  readonly title: string;
  /** `local`, or the origin of the API. */
  readonly service: string;
  readonly scenes: readonly SceneOf<StoryShot>[];
  /** Submissions from earlier versions of the list, oldest first. */
  readonly unlisted: readonly ManifestEntry[];
}

/** Consecutive shots of a scene. A scene that the story returns to appears again. */
export interface SceneOf<Shot> {
  /** Null for shots without a scene. */
  readonly id: string | null;
  readonly title: string | null;
  readonly shots: readonly Shot[];
}

/** A shot of the list: one variant, or all variants of its matrix. */
export interface StoryShot {
  readonly id: string;
  readonly variants: readonly StoryVariant[];
}

/** A variant of a shot. */
export interface StoryVariant {
  /** Id of the variant; for a shot without a matrix, id of the shot. */
  readonly id: string;
  readonly notes: string | null;
  readonly takes: readonly TakeOf<ManifestEntry>[];
}

/** A take and its parts. */
export interface TakeOf<Part> {
  /** Number, from 1. */
  readonly take: number;
  /** True if the cut uses it. */
  readonly selected: boolean;
  /** Parts of a split shot, in order; one part if the shot is not split. */
  readonly parts: readonly [Part, ...Part[]];
}

/** Arranges the submissions of a manifest as a story, in list order. Pure. */
export function storyOf(manifest: Manifest): Story {
  const { list, scenes, service, submissions, unlisted } = manifest;
  const titles = new Map(scenes.map(({ id, title }) => [id, title]));
  const shots = groupRuns(submissions, ({ shot, variant_of }) => variant_of ?? shot);
  return {
    title: list.title ?? list.file.replace(/^.*\//, '').replace(/\.ya?ml$/i, ''),
    service,
    scenes: groupRuns(shots, ([{ scene }]) => scene).map((run) => {
      const id = run[0][0].scene;
      return { id, title: id === null ? null : (titles.get(id) ?? null), shots: run.map(shotOf) };
    }),
    unlisted,
  };
}

function shotOf(entries: Run<ManifestEntry>): StoryShot {
  const [{ shot, variant_of }] = entries;
  return { id: variant_of ?? shot, variants: groupRuns(entries, (entry) => entry.shot).map(variantOf) };
}

function variantOf(entries: Run<ManifestEntry>): StoryVariant {
  const takes = groupRuns(entries, ({ take }) => take).map((parts) => {
    const [{ take, selected }] = parts;
    return { take, selected, parts };
  });
  return { id: entries[0].shot, notes: entries[0].notes, takes };
}

type Run<T> = [T, ...T[]];

/** Groups consecutive items that have the same value. */
function groupRuns<T>(items: readonly T[], keyOf: (item: T) => unknown): Run<T>[] {
  const runs: Run<T>[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last && keyOf(last[0]) === keyOf(item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}
