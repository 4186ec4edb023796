import { type Document, isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import type { Finding } from './finding.js';

/** A finding with its place as offsets into the text. */
export interface SpannedFinding extends Finding {
  readonly from: number;
  readonly to: number;
}

const NAMES = new Set(['id', 'scene', 'approved']);
const TEXTS = new Set(['prompt', 'negative_prompt', 'look']);

/**
 * Restores what YAML changed behind the writer's back, in one walk over the shots: names become their source text
 * (`0010` is not the number ten), and a comment right after a plain prompt is found, in case it was meant as text.
 */
export function readAsWritten(yaml: Document, text: string): readonly SpannedFinding[] {
  const found: SpannedFinding[] = [];
  for (const { key, value } of pairsOfShots(yaml)) {
    if (!isScalar(key) || !isScalar(value) || value.type !== 'PLAIN') continue;
    const name = String(key.value);
    if (NAMES.has(name)) keepAsWritten(value);
    if (TEXTS.has(name)) found.push(...commentAfter(value, { name, text }));
  }
  return found;
}

function* pairsOfShots(yaml: Document): Iterable<Pair> {
  const shots = yaml.get('shots');
  const maps = [yaml.get('defaults'), ...(isSeq(shots) ? shots.items : [])];
  for (const map of maps) {
    if (!isMap(map)) continue;
    yield* map.items;
    const segments = map.get('segments');
    for (const segment of isSeq(segments) ? segments.items : []) if (isMap(segment)) yield* segment.items;
  }
}

function keepAsWritten(scalar: Scalar): void {
  if (typeof scalar.value !== 'string' && scalar.value !== null) scalar.value = scalar.source;
}

function commentAfter(
  scalar: Scalar,
  { name, text }: { name: string; text: string },
): readonly SpannedFinding[] {
  if (!scalar.comment || !scalar.range) return [];
  const [, end, next] = scalar.range;
  const sameLine = /^[^\r\n]*/.exec(text.slice(end, next))?.[0] ?? '';
  const sign = sameLine.indexOf('#');
  if (sign < 0) return [];
  const message = `\`${name}\` ends here: YAML reads the rest of the line as a comment`;
  const hint = `if it belongs to the ${name.replace('_', ' ')}, put the whole text in quotes`;
  return [{ from: end + sign, to: end + sameLine.length, code: 'SL010', severity: 'warning', message, hint }];
}
