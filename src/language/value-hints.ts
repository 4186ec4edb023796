import { elementField, type ShotName } from '../base/native-names.js';
import { valueHere } from '../base/native-values.js';
import type { Path } from './diagnostic.js';

/** The kind of place that a field is written in. */
export type Level = 'list' | 'scene' | 'shot' | 'segment' | 'element' | 'camera' | 'image' | 'other';

/** Hint about a value that its field does not take, if people usually mean something by it. */
export function valueHint(
  path: Path,
  { rule, level, value }: { rule: string; level: Level; value: unknown },
): string | undefined {
  const key = path.at(-1);
  const text = typeof value === 'string' ? value.trim() : '';
  if (path.length === 1) return LIST_HINTS[String(key)]?.(value);
  if (path[0] === 'profiles' && path.length === 2)
    return text === '' ? undefined : `write \`${key}: { model: ${flow(text)} }\``;
  if (path.at(-2) === 'elements' && typeof key === 'number')
    return typeof value === 'object' && value !== null ? OTHERWISE.elements : undefined;
  if (level === 'segment' && key === 'duration' && rule === 'minimum')
    return 'a segment has at least 3 s: write `duration: 3`, and take as much from another one';
  return level === 'shot' ? SHOT_HINTS[String(key)]?.(value) : undefined;
}

/** Hints about values of the parts of a list. */
const LIST_HINTS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  budget: (value) => {
    const amount = /^\D{0,4}(\d+(?:[.,]\d{1,2})?)\D{0,8}$/.exec(String(value))?.[1];
    return amount === undefined
      ? 'write a number of USD, such as `budget: 25`'
      : `write \`budget: ${amount.replace(',', '.')}\`, in USD`;
  },
  scenes: (value) => namedEntries('scene', value, { title: 'The cliff' }),
  elements: (value) => namedEntries('element', value, { frontal_image: 'cast/hero.png' }),
  shots: (value) =>
    typeof value === 'object' && !Array.isArray(value)
      ? 'begin each shot with a dash and its id: `- id: cliff`'
      : undefined,
};

/** Hints about values of the fields of a shot. */
const SHOT_HINTS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  camera: (value) => (typeof value === 'string' ? `write \`camera: { move: ${flow(value)} }\`` : undefined),
  transition: () => 'write the seconds of the crossfade, such as `transition: 0.5`',
  cfg_scale: () => 'write a number from 0 to 1',
  segments: (value) =>
    typeof value === 'string' ? `write \`segments: [{ prompt: ${flow(value)} }]\`` : undefined,
  approved: () => '`shotlist approve` writes it into the list',
  use: useHint,
  prompt: (value) =>
    Array.isArray(value)
      ? `several prompts are segments: \`segments: ${short(valueHere('segments', 'prompt', value))}\``
      : undefined,
  model: (value) =>
    Array.isArray(value)
      ? `to render with each of them, write \`matrix: { model: ${short(value)} }\``
      : undefined,
  start_image: (value) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const end = value.length === 2 ? ` and \`end_image: ${flow(value[1])}\`` : '';
    return `write \`start_image: ${flow(value[0])}\`${end}`;
  },
  duration: (value) =>
    typeof value === 'number' && value > 0 && !Number.isInteger(value)
      ? `write \`duration: ${Math.max(3, Math.ceil(value))}\` and \`use: [0, ${value}]\``
      : undefined,
};

/** Hint about a range such as `0-4`, or a length alone. */
function useHint(value: unknown): string {
  const [from, to] =
    typeof value === 'number'
      ? [0, value]
      : [...String(value).matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  const isRange =
    typeof value === 'number' ||
    /^\D*\d+(?:\.\d+)?\s*s?\s*(?:-|–|—|\.\.\.?|to|,|bis)\s*\d+(?:\.\d+)?\s*s?\D*$/.test(String(value));
  const range =
    isRange && from !== undefined && to !== undefined && from < to ? `[${from}, ${to}]` : '[0, 4]';
  return `write from and to in seconds: \`use: ${range}\``;
}

/** Hint that a list is a map here, with its first entry: `` `hero: { frontal_image: hero.png }` ``. */
function namedEntries(
  kind: string,
  list: unknown,
  example: Readonly<Record<string, string>>,
): string | undefined {
  if (!Array.isArray(list)) return undefined;
  return `each ${kind} is a name with its fields: ${namedEntry(list[0], example)}`;
}

function namedEntry(first: unknown, example: Readonly<Record<string, string>>): string {
  if (typeof first === 'string') return `\`${flow(first)}: ${flow(example)}\``;
  const { id, name, ...fields } = (typeof first === 'object' && first !== null ? first : {}) as Record<
    string,
    unknown
  >;
  const rest = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      'frontal_image' in example ? (elementField(key) ?? key) : key,
      value,
    ]),
  );
  return `\`${short(String(id ?? name ?? 'one'))}: ${short(Object.keys(rest).length > 0 ? rest : example)}\``;
}

/** Longest value that a hint repeats, characters: two segments, or a URL of usual length. */
export const LONGEST = 120;

function short(value: unknown): string {
  const written = flow(value);
  return written.length > LONGEST ? '…' : written;
}

/** A value as YAML on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, part]) => `${key}: ${flow(part)}`)
      .join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const isPlain =
    /^[\p{L}\p{N}./_$][^,[\]{}#&*!|>'"%@`\n]*$/u.test(value) &&
    !/: |:$|\s$/.test(value) &&
    !/^(?:true|false|null|yes|no|[\d.]+)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** Ways to say a value that has no exact translation, by the field that it was meant for. */
export const OTHERWISE: Readonly<Partial<Record<ShotName, string>>> = {
  audio: 'write `audio: true` or `audio: false`',
  duration: 'write `duration:` and whole seconds',
  cfg_scale: 'write `cfg_scale:` and a number from 0 to 1; other models count on another scale',
  segments: 'write `segments:`, each with a `prompt` and a `duration`',
  camera: 'say it in words, such as `camera: { move: slow push in }`',
  elements:
    'name each under `elements:` at the top of the list, and write their names on the shot: `elements: [hero]`',
  takes: 'write `takes:` and a number',
  use: 'write `use:`, from and to in seconds, such as `use: [0, 4]`',
  transition: 'write `transition:` and seconds, such as `transition: 0.5`',
};
