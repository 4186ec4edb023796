import { inside, type PlacedFinding } from '../shotlist/document.js';
import { unknownShot } from '../shotlist/share-end-images.js';
import type { Shot } from '../shotlist/shot-list.js';

/** The shots in an order in which each comes after those it starts from, and what is wrong with their chains. */
export interface Ordered {
  readonly shots: readonly Shot[];
  readonly findings: readonly PlacedFinding[];
}

const FIELDS = ['start_image', 'end_image'] as const;

/** Orders shots by `last_frame_of`, which makes a graph; shots that wait for each other are left out and told. */
export function orderByChains(shots: readonly Shot[]): Ordered {
  if (!shots.some((shot) => chainsOf(shot).length > 0)) return { shots, findings: [] };
  const byId = new Map(shots.map((shot) => [shot.id, shot]));
  const findings: PlacedFinding[] = [];
  const waiting = new Map<string, number>();
  const dependents = new Map<string, Shot[]>();
  for (const shot of shots) {
    for (const { shot: id, field } of chainsOf(shot)) {
      const needed = byId.get(id);
      if (!needed) {
        findings.push({ place: inside(shot.origin(field), 'last_frame_of'), ...unknownShot(id, byId) });
        continue;
      }
      waiting.set(shot.id, (waiting.get(shot.id) ?? 0) + 1);
      dependents.set(id, [...(dependents.get(id) ?? []), shot]);
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
  findings.push(...shots.filter(({ id }) => !placed.has(id)).map((shot) => waitsForItself(shot)));
  return { shots: ready, findings };
}

function chainsOf(shot: Shot): readonly { shot: string; field: (typeof FIELDS)[number] }[] {
  return FIELDS.flatMap((field) => {
    const image = shot.images[field];
    return image?.kind === 'chain' ? [{ shot: image.shot, field }] : [];
  });
}

function waitsForItself(shot: Shot): PlacedFinding {
  const [chain] = chainsOf(shot);
  return {
    place: inside(shot.origin(chain?.field ?? 'start_image'), 'last_frame_of'),
    code: 'SL107',
    message: `\`${shot.id}\` waits for \`${chain?.shot}\`, which, in the end, waits for \`${shot.id}\``,
    hint: 'give one of them a start image of its own',
  };
}
