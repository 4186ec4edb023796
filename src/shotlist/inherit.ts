import type { Path } from './finding.js';
import type { Shot, ShotFields } from './shot-list.js';

/** Fields as written, `null`s included. */
export type RawFields = Readonly<Record<string, unknown>>;

const NONE: ReadonlySet<string> = new Set();

/** What is written on a shot and says nothing of its video. */
const NO_FIELDS: ReadonlySet<string> = new Set(['id', 'scene', 'notes']);

/**
 * A shot with what it inherits, field by field; its own value wins, and `null` removes what would be inherited.
 * An inherited duration yields to segments written on the shot, because they say how long it is. `unread` are the
 * fields of the shot, and of the defaults, that are written wrongly: they are left out, and named.
 */
export function inherit({
  raw,
  defaults,
  index,
  unread = {},
}: {
  raw: RawFields & { readonly id: string };
  defaults: RawFields;
  index: number;
  unread?: { readonly own?: ReadonlySet<string>; readonly defaults?: ReadonlySet<string> };
}): Shot {
  const own: Path = ['shots', index];
  const wrong = unreadOf(raw, unread);
  const timed = Array.isArray(raw.segments) && raw.duration === undefined;
  const all: RawFields = { ...defaults, ...raw };
  const fields: Record<string, unknown> = {};
  for (const field of Object.keys(all)) {
    if (all[field] === null || NO_FIELDS.has(field) || wrong.has(field)) continue;
    if (field !== 'duration' || !timed) fields[field] = all[field];
  }
  return {
    id: raw.id,
    scene: wrong.has('scene') ? null : ((all.scene ?? null) as string | null),
    fields: fields as ShotFields,
    unread: wrong,
    images: {},
    origin: (field) =>
      field === undefined ? own : raw[field] === undefined ? ['defaults', field] : [...own, field],
  };
}

function unreadOf(
  raw: RawFields,
  { own = NONE, defaults = NONE }: { own?: ReadonlySet<string>; defaults?: ReadonlySet<string> },
): ReadonlySet<string> {
  const inherited = [...defaults].filter((field) => raw[field] === undefined);
  return inherited.length === 0 ? own : new Set([...own, ...inherited]);
}
