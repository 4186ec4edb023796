import { isObject, type Json } from '../base/json.js';
import { formatCount, formatNumber, formatSeconds, formatTotal, formatUsd } from '../base/units.js';
import type { DifferenceKind, PlanDiff } from '../plan/diff.js';
import type { FieldChange, FieldValue } from '../plan/field-changes.js';
import { differingParts } from './excerpt.js';
import { cut } from './fit.js';
import { visible } from './visible.js';

/** A diff with the words that go around it. */
export interface DiffPage {
  readonly diff: PlanDiff;
  /** The film's title or name. */
  readonly title: string;
  /** What it is compared with, such as `HEAD~1`. */
  readonly against: string;
  /** Models of the newer list, by the names people write, whose price nobody knows. */
  readonly unpriced: readonly string[];
}

/** One change in words, each on one line and safe to print. */
export interface FieldWords {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Longest part of a value shown, terminal columns: what differs is near its beginning. */
const LONGEST = 240;

/** The change in words; of long texts, only the part that differs. Positions count from 1. */
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
  // The name stayed, and what it names did not.
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
  // A segment or an element of its own: its values say enough.
  return Object.values(value).map(jsonWords).join(', ');
}

/** The start of the hash that tells two things of one name apart. */
function fingerprint(value: Json): string {
  const { sha256, key } = isObject(value) ? value : {};
  return [sha256, key]
    .filter((hash) => typeof hash === 'string')
    .join('')
    .slice(0, 8);
}

/** Said of a difference that needs no submission: its video was there before, or another of the list is the same. */
export const NOTHING_NEW = 'nothing to render';

const KINDS: readonly DifferenceKind[] = ['added', 'changed', 'renamed', 'edited', 'removed'];

/** How many of each kind, `2 changed, 1 removed, 8 unchanged`. */
export function countWords({ differences, unchanged }: PlanDiff): string {
  const counts = KINDS.map((kind) => [differences.filter((one) => one.kind === kind).length, kind] as const);
  return [...counts, [unchanged, 'unchanged'] as const]
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${formatNumber(count)} ${kind}`)
    .join(', ');
}

/** What has to be rendered, one sentence. */
export function submitWords({ to_submit }: PlanDiff): string {
  if (to_submit.submissions === 0) return 'Nothing has to be rendered.';
  const { submissions, seconds } = to_submit;
  return `To render: ${formatCount(submissions, 'submission')}, ${formatSeconds(seconds)} of video, ${formatTotal(to_submit)}.`;
}

/** The difference in cost, `+$0.84`, with how many of unknown cost came and went. */
export function differenceWords({ difference }: PlanDiff): string {
  const { usd, usd_unknown_added: more, usd_unknown_removed: fewer } = difference;
  const parts = [
    ...(usd === 0 ? [] : [`${usd > 0 ? '+' : ''}${formatUsd(usd)}`]),
    ...(more > 0 ? [`${more} more at an unknown cost`] : []),
    ...(fewer > 0 ? [`${fewer} fewer at an unknown cost`] : []),
  ];
  return parts.join(', ') || 'no difference';
}

/** A value before and after, or once where it stayed. */
export function arrow(before: string | undefined, after: string | undefined): string {
  const both = [before, after].filter((text) => text !== undefined);
  return [...new Set(both)].join(' → ');
}
