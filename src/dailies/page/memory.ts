import type { PageData } from '../page-data.js';
import { type Choices, NONE } from './choices.js';

/** Choices that are not in the list yet outlive the page, in the browser's own store where it lets us. */
export function remembered(data: PageData): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(nameOf(data)) ?? 'null');
    const { takes, approvals } = kept as { takes: [string, number][]; approvals: [string, boolean][] };
    const lines = new Map(linesOf(data).map((line) => [line.id, line]));
    return {
      takes: new Map(takes.filter(([id, take]) => take >= 1 && take <= (lines.get(id)?.takes ?? 0))),
      approvals: new Map(
        approvals.filter(([id, yes]) => (lines.get(id)?.approved === 'yes') !== yes && lines.has(id)),
      ),
    };
  } catch {
    return NONE;
  }
}

/** Keeps them. */
export function remember(data: PageData, { takes, approvals }: Choices): void {
  try {
    if (takes.size + approvals.size === 0) localStorage.removeItem(nameOf(data));
    else localStorage.setItem(nameOf(data), JSON.stringify({ takes: [...takes], approvals: [...approvals] }));
  } catch {
    // A browser may keep nothing for pages that are opened from disk.
  }
}

/** Choices belong to the list as it was looked at: another text of it is another film. */
function nameOf({ list, title }: PageData): string {
  return `shotlist:${list.revision}:${title}`;
}

function linesOf({ scenes }: PageData) {
  return scenes.flatMap(({ shots }) => shots.flatMap(({ line }) => (line ? [line] : [])));
}
