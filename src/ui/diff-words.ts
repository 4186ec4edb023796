import { isObject, type Json } from '../base/json.js';
import { formatCount, formatNumber, formatSeconds, formatTotal, formatUsd } from '../base/units.js';
import type { DifferenceKind, PlanDiff } from '../plan/diff.js';
import type { FieldChange, FieldValue } from '../plan/field-changes.js';
import { cut } from './fit.js';
import { visible } from './visible.js';

/** A diff, and the names that its text needs. */
export interface NamedDiff {
  readonly diff: PlanDiff;
  /** The film's title or name. */
  readonly title: string;
  /** The other side of the comparison, such as `HEAD~1`. */
  readonly against: string;
  /** Models of the newer list without a known price, by the names that people write. */
  readonly unpriced: readonly string[];
}

/** One change in words: each text is one line and safe to print. */
export interface FieldWords {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Longest part of a value that is shown, terminal columns: the difference is near its beginning. */
const LONGEST = 240;

/** A change in words. Of long texts only the part that differs is shown. Positions count from 1. */
export function fieldWords({ path, before, after }: FieldChange): FieldWords {
  const name = path.map((part) => (typeof part === 'number' ? String(part + 1) : part)).join(' ');
  const [old, now] = bothSides(before, after);
  const short = (text: string) => cut(visible(text), LONGEST);
  return { name: visible(name), before: short(old), after: short(now) };
}

function bothSides(before: FieldValue | null, after: FieldValue | null): readonly [string, string] {
  const [old, now] = [valueWords(before), valueWords(after)];
  if (typeof before?.value === 'string' && typeof after?.value === 'string') return differingParts(old, now);
  if (old !== now || !before || !after) return [old, now];
  // The name is the same, the content is not.
  return [`${old} (${fingerprint(before.value)})`, `${now} (${fingerprint(after.value)})`];
}

function valueWords(field: FieldValue | null): string {
  if (field === null) return 'none';
  const words = jsonWords(field.value);
  return field.default ? `${words} (the service’s default)` : words;
}

function jsonWords(value: Json): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return JSON.stringify(value);
  const { file, url, version, last_frame_of } = value;
  if (typeof file === 'string') return file;
  if (typeof last_frame_of === 'string') return `last frame of ${last_frame_of}`;
  if (typeof url === 'string' && typeof version === 'string') return `${url}, version ${version}`;
  // A segment or an element: its values say enough.
  return Object.values(value).map(jsonWords).join(', ');
}

/** First 8 digits of the hash that distinguishes two contents with one name. */
function fingerprint(value: Json): string {
  const { sha256, key } = isObject(value) ? value : {};
  return [sha256, key]
    .filter((hash) => typeof hash === 'string')
    .join('')
    .slice(0, 8);
}

/** Text for a difference that needs no submission: its video exists, or another shot of the list has the same one. */
export const NOTHING_NEW = 'nothing to render';

const KINDS: readonly DifferenceKind[] = ['added', 'changed', 'renamed', 'edited', 'removed'];

/** Number of differences of each kind, `2 changed, 1 removed, 8 unchanged`. */
export function countWords({ differences, unchanged }: PlanDiff): string {
  const counts = KINDS.map((kind) => [differences.filter((one) => one.kind === kind).length, kind] as const);
  return [...counts, [unchanged, 'unchanged'] as const]
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${formatNumber(count)} ${kind}`)
    .join(', ');
}

/** One sentence that says what must be rendered. */
export function submitWords({ to_submit }: PlanDiff): string {
  if (to_submit.submissions === 0) return 'Nothing has to be rendered.';
  const { submissions, seconds } = to_submit;
  return `To render: ${formatCount(submissions, 'submission')}, ${formatSeconds(seconds)} of video, ${formatTotal(to_submit)}.`;
}

/** Difference in cost, `+$0.84`, and the change in the number of submissions with an unknown cost. */
export function differenceWords({ difference }: PlanDiff): string {
  const { usd, usd_unknown_added: more, usd_unknown_removed: fewer } = difference;
  const parts = [
    ...(usd === 0 ? [] : [`${usd > 0 ? '+' : ''}${formatUsd(usd)}`]),
    ...(more > 0 ? [`${more} more at an unknown cost`] : []),
    ...(fewer > 0 ? [`${fewer} fewer at an unknown cost`] : []),
  ];
  return parts.join(', ') || 'no difference';
}

/** `before → after`, or one value where both are the same. */
export function arrow(before: string | undefined, after: string | undefined): string {
  const both = [before, after].filter((text) => text !== undefined);
  return [...new Set(both)].join(' → ');
}

/** Words of a long text that are kept on either side of the difference. */
const CONTEXT = 3;

/** Longest text that is shown whole, characters. */
const SHORT = 40;

const words = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Two texts reduced to the part that differs, with a few words around it and an ellipsis for each part left out; short
 * texts stay whole. Words are Unicode's, so that texts without spaces are cut between words too.
 */
export function differingParts(before: string, after: string): readonly [string, string] {
  if (Math.max(before.length, after.length) <= SHORT) return [before, after];
  const [old, now] = [partsOf(before), partsOf(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const from = start - contextIn(old.slice(0, start).reverse());
  const to = end - contextIn(old.slice(old.length - end));
  return [excerpt(old, from, to), excerpt(now, from, to)];
}

/** Words, and the marks and spaces between them. */
function partsOf(text: string): readonly string[] {
  return Array.from(words.segment(text), ({ segment }) => segment);
}

/** Number of common parts to keep, nearest first: up to the third word, or all parts where there are fewer words. */
function contextIn(parts: readonly string[]): number {
  const places = parts.flatMap((part, place) => (/[\p{L}\p{N}]/u.test(part) ? [place] : []));
  return places.length > CONTEXT ? (places[CONTEXT - 1] as number) + 1 : parts.length;
}

function excerpt(parts: readonly string[], from: number, to: number): string {
  const text = parts
    .slice(from, parts.length - to)
    .join('')
    .trim();
  return `${from > 0 ? '… ' : ''}${text}${to > 0 ? ' …' : ''}`;
}
