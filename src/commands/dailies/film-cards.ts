import type { CutGap, CutPiece } from '../../cut/cut.js';
import type { UsedCard } from '../../cut/film/film.js';
import type { Story } from '../../dailies/story.js';
import type { ManifestEntry } from '../../manifest/manifest.js';

/** Seconds that a slate stands: long enough to be read, and a whole number of frames at every rate. */
const SLATE_SECONDS = 2;

/** The card before a shot: what an editor looks for first. */
export function slateOf(one: CutPiece | CutGap, story: Story): UsedCard {
  const { entry, from, to } = one;
  const made = entry.times.completed?.slice(0, 10) ?? null;
  const lines = [
    sceneOf(entry, story),
    [`Take ${entry.take}`, `${length(to - from)} s`, made].filter((part) => part !== null).join('  ·  '),
    entry.notes ?? '',
  ];
  const card = { film: story.title, shot: entry.shot, lines };
  return { kind: 'slate', name: entry.id, card, seconds: SLATE_SECONDS, transition: 0 };
}

/** The card in the place of what is not here. */
export function gapCard({ entry, from, to }: CutPiece | CutGap, story: Story): UsedCard {
  const lines = [sceneOf(entry, story), capital(stateWords(entry.state)), entry.prompt];
  const card = { film: story.title, shot: entry.id, lines };
  return { kind: 'gap', name: entry.id, card, seconds: to - from, transition: entry.transition };
}

/** Why a clip is not here, in words. */
export function stateWords(state: ManifestEntry['state']): string {
  return WORDS[state];
}

const WORDS: Readonly<Record<ManifestEntry['state'], string>> = {
  planned: 'not rendered yet',
  refused: 'not rendered: the service refused it',
  submitted: 'still with the service',
  completed: 'rendered, but not fetched',
  done: 'over before its use begins',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown: see shotlist resolve',
};

function sceneOf({ scene }: ManifestEntry, { scenes }: Story): string {
  if (scene === null) return '';
  const title = scenes.find(({ id }) => id === scene)?.title ?? null;
  return title === null ? `Scene ${scene}` : `Scene ${scene}, ${title}`;
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function length(seconds: number): string {
  return String(Number(seconds.toFixed(2)));
}
