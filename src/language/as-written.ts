import type { Scalar } from 'yaml';
import type { Finding } from './finding.js';

/** A finding with its place as offsets into the text. */
export interface SpannedFinding extends Finding {
  readonly from: number;
  readonly to: number;
}

const NAMES = new Set(['id', 'scene', 'approved', 'title', 'notes']);
const TEXTS = new Set(['prompt', 'negative_prompt', 'look']);

/** Whether a field is read as it is written, so that a plain `0010` is not the number ten. */
export function isNamed(field: string): boolean {
  return NAMES.has(field);
}

/**
 * What of a prompt's text YAML takes for its own signs: a comment right after it, an anchor or a tag before it.
 * An anchor is meant as one if an alias uses it, so that its finding says which it is.
 */
export function doubtsOf(
  scalar: Scalar,
  { field, text }: { field: string; text: string },
): readonly (SpannedFinding & { readonly anchor?: string })[] {
  if (!TEXTS.has(field) || scalar.type !== 'PLAIN' || !scalar.range) return [];
  const doubts: (SpannedFinding & { anchor?: string })[] = [];
  if (scalar.comment) doubts.push(...commentAfter(scalar, { field, text }));
  if (scalar.anchor) {
    doubts.push({ ...signBefore(scalar, { sign: `&${scalar.anchor}`, text }), anchor: scalar.anchor });
  }
  if (scalar.tag === '!') doubts.push(signBefore(scalar, { sign: '!', text }));
  return doubts;
}

function commentAfter(
  scalar: Scalar,
  { field, text }: { field: string; text: string },
): readonly SpannedFinding[] {
  const [, end, next] = scalar.range as [number, number, number];
  const sameLine = /^[^\r\n]*/.exec(text.slice(end, next))?.[0] ?? '';
  const sign = sameLine.indexOf('#');
  if (sign < 0) return [];
  const message = `\`${field}\` ends here: YAML reads the rest of the line as a comment`;
  const hint = `if it belongs to the ${field.replace('_', ' ')}, put the whole text in quotes`;
  return [{ from: end + sign, to: end + sameLine.length, code: 'SL010', severity: 'warning', message, hint }];
}

function signBefore(scalar: Scalar, { sign, text }: { sign: string; text: string }): SpannedFinding {
  const from = text.lastIndexOf(sign, scalar.range?.[0]);
  return {
    from,
    to: from + sign.length,
    code: 'SL011',
    severity: 'warning',
    message: `\`${sign}\` is not sent: YAML reads it as a sign of its own`,
    hint: 'if it belongs to the text, put the whole text in quotes',
  };
}
