import { nearest } from '../base/text.js';
import { inside, type PlacedFinding } from './document.js';
import type { Chain, Image, Shot } from './shot-list.js';
import type { MadeShots } from './shots.js';

/**
 * Resolves `end_image_of`: the boundary still of two shots is one file, and neither waits for the other.
 * What leads to no image is reported and left out.
 */
export function shareEndImages(
  { shots, missing }: MadeShots,
  report: (finding: PlacedFinding) => void,
): readonly Shot[] {
  if (!shots.some((shot) => FIELDS.some((field) => sharedWith(shot, field) !== undefined))) return shots;
  const byId = new Map(shots.map((shot) => [shot.id, shot]));
  return shots.map((shot) => {
    const images: Record<string, Image | Chain> = { ...shot.images };
    for (const field of FIELDS) {
      const id = sharedWith(shot, field);
      if (id === undefined) continue;
      const place = inside(shot.origin(field), 'end_image_of');
      const found = endImage(id, { byId, missing });
      if ('kind' in found) images[field] = found;
      else if (found.message) report({ place, code: found.code, message: found.message, hint: found.hint });
    }
    return { ...shot, images };
  });
}

const FIELDS = ['start_image', 'end_image'] as const;

function sharedWith(shot: Shot, field: (typeof FIELDS)[number]): string | undefined {
  const reference = shot.fields[field];
  return typeof reference === 'object' && 'end_image_of' in reference ? reference.end_image_of : undefined;
}

interface Missing {
  readonly code: 'SL107' | 'SL108';
  /** Undefined where it has been said elsewhere. */
  readonly message?: string;
  readonly hint?: string;
}

function endImage(id: string, known: KnownShots): Image | Chain | Missing {
  const { byId } = known;
  const way = new Set<string>();
  for (let at = id; ; ) {
    const shot = byId.get(at);
    if (!shot) return unknownShot(at, known);
    if (way.has(at)) return { code: 'SL107', message: leadsBack([...way]) };
    way.add(at);
    const next = sharedWith(shot, 'end_image');
    if (next === undefined) {
      const { end_image } = shot.images;
      if (end_image) return end_image;
      if (shot.fields.end_image !== undefined || shot.invalid.has('end_image')) return { code: 'SL108' };
      return { code: 'SL108', message: `\`${at}\` has no end image`, hint: 'did you mean `last_frame_of`?' };
    }
    at = next;
  }
}

function leadsBack(way: readonly string[]): string {
  return way.length === 1
    ? `the end image of \`${way[0]}\` leads back to itself`
    : `the end images of ${way.join(', ')} lead back to each other`;
}

/** The shots that one may name. */
export interface KnownShots {
  readonly byId: ReadonlyMap<string, Shot>;
  /** How the ids of others begin, which could not be made; nobody knows whether such a name is wrong. */
  readonly missing: readonly string[];
}

/** Says that no shot is called so, and which was meant: no message where that follows from what has been told. */
export function unknownShot(id: string, { byId, missing }: KnownShots): Missing {
  const code = 'SL108';
  const variants = [...byId.values()].filter(({ writtenId }) => writtenId === id).map((shot) => shot.id);
  if (variants.length > 0) {
    const some = variants.slice(0, 6).join(', ');
    const count = variants.length === 1 ? 'a shot with a table or a matrix' : `${variants.length} shots`;
    return { code, message: `\`${id}\` is ${count}`, hint: `name one of them: ${some}` };
  }
  const { whole, take, part } =
    /^(?<whole>.+?)(\.take(?<take>\d+))?(\.part(?<part>\d+))?$/.exec(id)?.groups ?? {};
  if (whole !== undefined && whole !== id && byId.has(whole)) {
    const message = `\`${id}\` is a ${part ? 'part' : 'take'} of \`${whole}\`; another shot goes on from all of it`;
    const select = take ? ` and \`select: ${take}\` on that shot` : '';
    return { code, message, hint: `write \`${whole}\`${select}` };
  }
  if (missing.some((start) => id.startsWith(start))) return { code };
  const meant = nearest(id, byId.keys());
  const hint = meant ? `did you mean \`${meant}\`?` : 'it is the id of another shot of this list';
  return { code, message: `there is no shot \`${id}\``, hint };
}
