import { approvalOf, type Choices } from './choices.js';
import type { Shot } from './film.js';

/** What of the film is shown. */
export interface Filter {
  readonly show: Show;
  /** A scene's id; null for all. */
  readonly scene: string | null;
  /** Lower case. */
  readonly search: string;
}

export type Show = (typeof SHOWS)[number]['show'];

/** Ways to look at a film, by what is to be done about its shots. */
export const SHOWS = [
  { show: 'all', label: 'All' },
  { show: 'choose', label: 'To choose' },
  { show: 'flagged', label: 'Flagged' },
  { show: 'trouble', label: 'Trouble' },
  { show: 'waiting', label: 'Not rendered' },
  { show: 'open', label: 'Not approved' },
  { show: 'approved', label: 'Approved' },
] as const;

export const EVERYTHING: Filter = { show: 'all', scene: null, search: '' };

/** Whether a shot is among what is looked at. Every word of the search must be in it somewhere. Pure. */
export function matches(shot: Shot, { show, scene, search }: Filter, choices: Choices): boolean {
  if (scene !== null && shot.scene.id !== scene) return false;
  if (!isShown(shot, show, choices)) return false;
  return search.split(/\s+/).every((word) => shot.words.includes(word));
}

/** Whether a shot belongs to a way of looking. Pure. */
export function isShown(shot: Shot, show: Show, choices: Choices): boolean {
  const { states, isFlagged, takes, shot: written } = shot;
  const approval = written.line ? approvalOf(written.line, choices) : 'no';
  switch (show) {
    case 'all':
      return true;
    case 'choose':
      return takes > 1 && approval !== 'yes' && !(written.line && choices.takes.has(written.line.id));
    case 'flagged':
      return isFlagged;
    case 'trouble':
      return (
        has(states, ['failed', 'refused', 'unknown', 'cancelled']) || shot.parts.some(({ error }) => error)
      );
    case 'waiting':
      return has(states, ['planned', 'submitted', 'completed']);
    case 'open':
      return approval !== 'yes';
    case 'approved':
      return approval === 'yes';
    default:
      return show satisfies never;
  }
}

function has<T>(set: ReadonlySet<T>, wanted: readonly T[]): boolean {
  return wanted.some((one) => set.has(one));
}
