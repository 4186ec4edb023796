import type { Path, PlacedFinding } from './finding.js';

/** Fields of the language whose work is still to come; they are refused rather than ignored. */
const LATER = {
  list: ['vars', 'look', 'scenes', 'profiles'],
  shot: ['camera', 'look', 'split', 'takes', 'select', 'matrix', 'each', 'use', 'approved'],
  image: ['last_frame_of', 'end_image_of'],
} as const;

/** Every use of a field that this version does not act on, at its key. */
export function findUnsupported(value: unknown): readonly PlacedFinding[] {
  const found: PlacedFinding[] = [];
  const refuse = (path: Path, what: string): void => {
    found.push({
      path,
      code: 'SL105',
      about: 'key',
      message: `${what} is not supported yet`,
      hint: 'take it out for now',
    });
  };
  const look = (map: unknown, path: Path, fields: readonly string[]): void => {
    if (typeof map !== 'object' || map === null) return;
    const object = map as Record<string, unknown>;
    for (const field of fields) {
      if ((object[field] ?? null) !== null) refuse([...path, field], `\`${field}\``);
    }
  };
  const shot = (fields: unknown, path: Path): void => {
    look(fields, path, LATER.shot);
    for (const image of ['start_image', 'end_image']) {
      look((fields as Record<string, unknown> | null)?.[image], [...path, image], LATER.image);
    }
  };
  const list = value as Record<string, unknown> | null;
  look(list, [], LATER.list);
  shot(list?.defaults, ['defaults']);
  const shots = Array.isArray(list?.shots) ? list.shots : [];
  for (const [index, fields] of shots.entries()) shot(fields, ['shots', index]);
  return found;
}
