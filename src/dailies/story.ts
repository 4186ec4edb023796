import type { Manifest, ManifestEntry } from '../manifest/manifest.js';

/** A film as people look at it: scenes, their shots, and each shot's variants and takes. */
export interface Story {
  readonly title: string;
  /** `local`, or the API's origin. */
  readonly service: string;
  readonly scenes: readonly SceneOf<StoryShot>[];
  /** Rendered from an earlier version of the list, oldest first. */
  readonly unlisted: readonly ManifestEntry[];
}

/** Shots that follow each other and belong together: a scene that the story comes back to stands there twice. */
export interface SceneOf<Shot> {
  /** Null for shots without a scene. */
  readonly id: string | null;
  readonly title: string | null;
  readonly shots: readonly Shot[];
}

/** What is written as one shot: one variant, or as many as its matrix has. */
export interface StoryShot {
  readonly id: string;
  readonly variants: readonly StoryVariant[];
}

export interface StoryVariant {
  /** The shot's own id where there is no matrix. */
  readonly id: string;
  readonly notes: string | null;
  readonly takes: readonly TakeOf<ManifestEntry>[];
}

export interface TakeOf<Part> {
  /** Counts from 1. */
  readonly take: number;
  /** Whether the cut uses it. */
  readonly selected: boolean;
  /** Consecutive parts of a split shot; one where it is whole. */
  readonly parts: readonly [Part, ...Part[]];
}

/** Arranges a manifest's submissions as a story, in list order. Pure. */
export function tellStory(manifest: Manifest): Story {
  const { list, scenes, service, submissions, unlisted } = manifest;
  const titles = new Map(scenes.map(({ id, title }) => [id, title]));
  const shots = runsOf(submissions, ({ shot, variant_of }) => variant_of ?? shot);
  return {
    title: list.title ?? list.file.replace(/^.*\//, '').replace(/\.ya?ml$/i, ''),
    service,
    scenes: runsOf(shots, ([{ scene }]) => scene).map((run) => {
      const id = run[0][0].scene;
      return { id, title: id === null ? null : (titles.get(id) ?? null), shots: run.map(shotOf) };
    }),
    unlisted,
  };
}

function shotOf(entries: Run<ManifestEntry>): StoryShot {
  const [{ shot, variant_of }] = entries;
  return { id: variant_of ?? shot, variants: runsOf(entries, (entry) => entry.shot).map(variantOf) };
}

function variantOf(entries: Run<ManifestEntry>): StoryVariant {
  const takes = runsOf(entries, ({ take }) => take).map((parts) => {
    const [{ take, selected }] = parts;
    return { take, selected, parts };
  });
  return { id: entries[0].shot, notes: entries[0].notes, takes };
}

type Run<T> = [T, ...T[]];

/** Neighbours with the same name, together. */
function runsOf<T>(items: readonly T[], nameOf: (item: T) => unknown): Run<T>[] {
  const runs: Run<T>[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last && nameOf(last[0]) === nameOf(item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}
