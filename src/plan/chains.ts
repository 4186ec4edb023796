import { inside, type PlacedFinding } from '../language/document.js';
import type { Shot, ShotList } from '../language/shot-list.js';
import { type KnownShots, unknownShot } from '../language/unknown-shot.js';

/** The shots in an order in which each comes after those it starts from, and what is wrong with their chains. */
export interface Ordered {
  readonly shots: readonly Shot[];
  readonly findings: readonly PlacedFinding[];
}

const FIELDS = ['start_image', 'end_image'] as const;

/** Orders shots by `last_frame_of`, which makes a graph; shots that wait for each other are left out and told. */
export function orderByChains({ shots, missing = [] }: Pick<ShotList, 'shots' | 'missing'>): Ordered {
  if (!shots.some((shot) => chainsOf(shot).length > 0)) return { shots, findings: [] };
  const known = { byId: new Map(shots.map((shot) => [shot.id, shot])), missing };
  const findings: PlacedFinding[] = [];
  const waiting = new Map<string, number>();
  const dependents = new Map<string, Shot[]>();
  for (const shot of shots) {
    for (const { shot: id, field } of chainsOf(shot)) {
      if (!known.byId.has(id)) {
        findings.push(...unknown(id, { shot, field, known }));
        continue;
      }
      waiting.set(shot.id, (waiting.get(shot.id) ?? 0) + 1);
      const others = dependents.get(id);
      if (others) others.push(shot);
      else dependents.set(id, [shot]);
    }
  }
  const ready = shots.filter((shot) => !waiting.has(shot.id));
  // Grows while it is gone through: a shot is ready once all it starts from stand before it.
  for (const shot of ready) {
    for (const next of dependents.get(shot.id) ?? []) {
      const left = (waiting.get(next.id) as number) - 1;
      waiting.set(next.id, left);
      if (left === 0) ready.push(next);
    }
  }
  const placed = new Set(ready.map(({ id }) => id));
  const round = goingRound(shots.filter(({ id }) => !placed.has(id)));
  findings.push(...[...round.values()].map((shot) => waitsForItself(shot, round)));
  return { shots: ready, findings };
}

function unknown(
  id: string,
  { shot, field, known }: { shot: Shot; field: (typeof FIELDS)[number]; known: KnownShots },
): readonly PlacedFinding[] {
  const finding = unknownShot(id, known);
  return finding ? [{ place: inside(shot.origin(field), 'last_frame_of'), ...finding }] : [];
}

/** Of shots that wait, those for which others of them wait in turn: the rest are not what is wrong. */
function goingRound(shots: readonly Shot[]): ReadonlyMap<string, Shot> {
  const left = new Map(shots.map((shot) => [shot.id, shot]));
  const awaitedBy = new Map<string, number>();
  const count = (shot: Shot, by: number) => {
    for (const { shot: id } of chainsOf(shot)) awaitedBy.set(id, (awaitedBy.get(id) ?? 0) + by);
  };
  for (const shot of shots) count(shot, 1);
  const ends = shots.filter(({ id }) => !awaitedBy.get(id));
  for (const shot of ends) {
    left.delete(shot.id);
    count(shot, -1);
    for (const { shot: id } of chainsOf(shot)) {
      const next = left.get(id);
      if (next && awaitedBy.get(id) === 0) ends.push(next);
    }
  }
  return left;
}

function chainsOf(shot: Shot): readonly { shot: string; field: (typeof FIELDS)[number] }[] {
  return FIELDS.flatMap((field) => {
    const image = shot.images[field];
    return image?.kind === 'chain' ? [{ shot: image.shot, field }] : [];
  });
}

function waitsForItself(shot: Shot, round: ReadonlyMap<string, Shot>): PlacedFinding {
  const chain = chainsOf(shot).find(({ shot: id }) => round.has(id));
  const { id } = shot;
  const message =
    chain?.shot === id
      ? `\`${id}\` waits for itself`
      : `\`${id}\` waits for \`${chain?.shot}\`, which, in the end, waits for \`${id}\``;
  return {
    place: inside(shot.origin(chain?.field ?? 'start_image'), 'last_frame_of'),
    code: 'SL107',
    message,
    hint:
      chain?.shot === id ? 'give it a start image of its own' : 'give one of them a start image of its own',
  };
}
