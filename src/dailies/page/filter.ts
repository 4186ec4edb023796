import { approvalOf, type Choices } from './choices.js';
import type { Shot } from './film.js';

/** Conditions for the shots that the page shows. */
export interface Filter {
  readonly show: Show;
  /** Id of the scene; null for all scenes. */
  readonly scene: string | null;
  /** Words to look for, in lower case. */
  readonly search: string;
}

/** Name of a selection of shots. */
export type Show = (typeof SHOWS)[number]['show'];

/** Selections of shots that the page offers, by the work that the shots still need. */
export const SHOWS = [
  { show: 'all', label: 'All' },
  { show: 'choose', label: 'To choose' },
  { show: 'flagged', label: 'Flagged' },
  { show: 'trouble', label: 'Trouble' },
  { show: 'waiting', label: 'Not rendered' },
  { show: 'open', label: 'Not approved' },
  { show: 'approved', label: 'Approved' },
] as const;

/** Filter that shows every shot. */
export const EVERYTHING: Filter = { show: 'all', scene: null, search: '' };

/** True if a shot passes the filter. Every word of the search must occur in the shot. Pure. */
export function matches(shot: Shot, { show, scene, search }: Filter, choices: Choices): boolean {
  if (scene !== null && shot.scene.id !== scene) return false;
  if (!isShown(shot, show, choices)) return false;
  return search.split(/\s+/).every((word) => shot.searchText.includes(word));
}

/** True if a shot belongs to a selection. Pure. */
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
