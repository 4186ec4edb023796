import { nearestWord } from '../base/text.js';
import type { Finding } from './diagnostic.js';
import type { Shot } from './shot-list.js';

/** The shots that another shot may refer to. */
export interface KnownShots {
  readonly byId: ReadonlyMap<string, Shot>;
  /** Beginnings of the ids of shots that could not be made; such an id may be right. */
  readonly missing: readonly string[];
}

/** The finding about a reference to an unknown shot; null if it follows from a mistake that is already reported. */
export function unknownShot(id: string, { byId, missing }: KnownShots): Finding | null {
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
    const message = `\`${id}\` is a ${part ? 'part' : 'take'} of \`${whole}\`; a shot is chained to a whole shot`;
    const select = take ? ` and \`select: ${take}\` on that shot` : '';
    return { code, message, hint: `write \`${whole}\`${select}` };
  }
  if (missing.some((start) => id.startsWith(start))) return null;
  const meant = nearestWord(id, byId.keys());
  const hint = meant ? `did you mean \`${meant}\`?` : 'it is the id of another shot of this list';
  return { code, message: `there is no shot \`${id}\``, hint };
}
