import type { Path } from './finding.js';
import type { Shot, ShotFields } from './shot-list.js';

/** Fields as written, `null`s included. */
export type RawFields = Readonly<Record<string, unknown>>;

/**
 * A shot with what it inherits, field by field; its own value wins, and `null` removes what would be inherited.
 * An inherited duration yields to segments written on the shot, because they say how long it is.
 */
export function inherit({
  raw,
  defaults,
  index,
}: {
  raw: RawFields;
  defaults: RawFields;
  index: number;
}): Shot {
  const own: Path = ['shots', index];
  const { id, scene, notes: _notes, ...fields } = { ...defaults, ...raw };
  if (Array.isArray(raw.segments) && raw.duration === undefined) delete fields.duration;
  for (const [field, value] of Object.entries(fields)) if (value === null) delete fields[field];
  return {
    id: id as string,
    scene: (scene as string | null | undefined) ?? null,
    fields: fields as ShotFields,
    images: {},
    origin: (field) =>
      field === undefined ? own : raw[field] === undefined ? ['defaults', field] : [...own, field],
  };
}
