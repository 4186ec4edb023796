import type { PlacedFinding } from './document.js';
import type { Shot } from './shot-list.js';

/** How far a board's ratio may be from the one wanted before it shows: 2 %, some 14 lines in 720. */
const TOLERANCE = 0.02;

/**
 * Boards whose shape differs from `aspect` (such as `16:9`), or, where none is given, from the list's first board:
 * the clips would not cut together.
 */
export function aspectDoubts(shots: readonly Shot[], aspect: string | null): readonly PlacedFinding[] {
  const doubts: PlacedFinding[] = [];
  const told = new Set<string>();
  let wanted = aspect ? { name: aspect, ratio: ratioOf(aspect) } : undefined;
  for (const shot of shots) {
    for (const field of ['start_image', 'end_image'] as const) {
      const board = shot.images[field];
      if (board?.kind !== 'file') continue;
      const ratio = board.width / board.height;
      wanted ??= { name: `the shape of ${board.file} (${board.width} × ${board.height})`, ratio };
      if (Math.abs(ratio / wanted.ratio - 1) <= TOLERANCE || told.has(board.file)) continue;
      told.add(board.file);
      doubts.push({
        place: shot.origin(field),
        code: 'SL219',
        severity: 'warning',
        message: `${board.file} has ${board.width} × ${board.height} pixels, which is not ${wanted.name}`,
      });
    }
  }
  return doubts;
}

function ratioOf(aspect: string): number {
  const [width, height] = aspect.split(':').map(Number) as [number, number];
  return width / height;
}
