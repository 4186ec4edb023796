import { formatSeconds } from '../../base/units.js';
import type { Finding } from '../../language/diagnostic.js';
import type { PlacedFinding } from '../../language/document.js';
import { remoteMedia } from '../../language/references.js';
import { endOfLink } from '../../language/share-links.js';
import type { ShotList } from '../../language/shot-list.js';
import type { Plan, Submission } from '../../plan/plan.js';
import type { KeyStates } from '../../run/records/render.js';

/** Time that a link should still be valid, milliseconds: a render may wait as long before its pictures are fetched. Our choice. */
const SOON = 60 * 60 * 1000;

/** Links that run out soon by their own text, each with its end, milliseconds. */
export function endingLinks(list: ShotList, now: number): ReadonlyMap<string, number> {
  const ends = remoteMedia(list).map(({ url }) => [url, endOfLink(new URL(url))] as const);
  return new Map(ends.flatMap(([url, end]) => (end === null || end > now + SOON ? [] : [[url, end]])));
}

/**
 * Findings about links that have run out, or will soon. A link of shots that are with the service already is not fetched
 * again. `plan` is null if some shots could not be planned: any of them may need the link.
 */
export function linkFindings(
  list: ShotList,
  {
    ending,
    plan,
    needed,
    now,
  }: {
    ending: ReadonlyMap<string, number>;
    plan: Plan | null;
    /** True for a submission that will be sent. */
    needed: (submission: Submission) => boolean;
    now: number;
  },
): readonly PlacedFinding[] {
  const sent = plan?.submissions.filter(needed).map(({ input }) => JSON.stringify(input));
  return remoteMedia(list).flatMap(({ url, place, ignores }) => {
    const end = ending.get(url);
    const isNeeded = sent?.some((input) => input.includes(JSON.stringify(url))) ?? true;
    return end === undefined || !isNeeded
      ? []
      : [{ ...findingOf(end, now), place, ...(ignores && { ignores }) }];
  });
}

/** True for a submission that a run would send. */
export function isUnsent({ key }: Submission, keyStates: KeyStates, retryFailed: boolean): boolean {
  const state = keyStates.get(key)?.state ?? 'planned';
  return ['planned', 'refused', 'cancelled', ...(retryFailed ? ['failed'] : [])].includes(state);
}

function findingOf(end: number, now: number): Finding {
  const at = `${new Date(end).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const hint =
    'sign it again; a link that is written as `{ url: …, version: 1 }` keeps its key when its signature changes';
  if (end <= now) return { code: 'SL227', message: `the link ran out on ${at}`, hint };
  const left = formatSeconds((end - now) / 1000);
  const message = `the link runs out on ${at}, in ${left}: a shot may wait longer than that`;
  return { code: 'SL228', severity: 'warning', message, hint };
}
