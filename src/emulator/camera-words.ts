import { CAMERA_RULES, type MoveName } from './camera-rules.js';

/** A move and its pace. */
export interface Move {
  readonly name: MoveName;
  readonly pace: 'slow' | 'usual' | 'fast';
}

/** Moves made at the same time. */
export type Beat = readonly Move[];

/**
 * Camera moves that a prompt asks for, one beat after another; none if it does not mention the camera. Reads English as
 * it is written for models and on set. A negated move ("no zoom") is not made; if nothing else is asked for, the camera
 * is static.
 */
export function cameraBeats(prompt: string): readonly Beat[] {
  const text = normalised(prompt);
  const found = findMoves(text);
  const wanted = found.filter((each) => !each.denied);
  if (wanted.length === 0)
    return found.some(({ name }) => name !== 'handheld') ? [[{ name: 'static', pace: 'usual' }]] : [];
  const beats: Found[][] = [];
  let end = 0;
  for (const each of wanted) {
    const beat = beats.at(-1);
    const follows = THEN.test(text.slice(end, each.from));
    if (beat && !follows && beat.every((other) => canJoin(other.name, each.name))) beat.push(each);
    else if (!beat?.some(({ name }) => name === each.name)) beats.push([each]);
    end = each.to;
  }
  return beats.map((beat) => beat.map(({ name, pace }) => ({ name, pace })));
}

/** A move and its place in the text. */
interface Found extends Move {
  readonly from: number;
  readonly to: number;
  readonly denied: boolean;
}

/** Words that begin another beat, rather than a move at the same time. */
const THEN = /\b(?:then|before|after which|afterwards|followed by|finally|ends? (?:on|with|in)|as soon as)\b/;
const DENIAL = /\b(?:no|not|never|without|avoid|nor|zero|(?:do|does|is|must|should|will|can)n't)\b/;
/** Text between two moves that are negated together: "no pan, tilt or zoom". */
const SAME_NEGATION = /^[\s,]*(?:(?:or|nor|and|any|no|camera)\s+)*$/;
const SLOW =
  /\b(?:slow|slowly|gentle|gently|subtle|subtly|gradual|gradually|slight|slightly|creeps?|creeping|barely|soft)\b/;
const FAST = /\b(?:fast|quick|quickly|rapid|rapidly|whip|swish|crash|snap|swift|swiftly|sudden|suddenly)\b/;

/** Text in small letters, with spaces for hyphens: "Push-in" becomes "push in". */
function normalised(prompt: string): string {
  return prompt
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/\bhandheld\b/g, 'hand held')
    .replace(/[\n\r]+/g, '. ')
    .replace(/[\s\u2010-\u2012_-]+/g, ' ')
    .trim();
}

/** All moves in the order of the text, without overlaps. */
function findMoves(text: string): readonly Found[] {
  const found: Found[] = [];
  for (const { words, move } of CAMERA_RULES) {
    for (const match of text.matchAll(words)) {
      const from = match.index;
      const to = from + match[0].length;
      if (found.some((other) => from < other.to && other.from < to)) continue;
      const name = move(match.groups ?? {});
      found.push({ name, from, to, pace: paceOf(clauseAround(text, from, to)), denied: false });
    }
  }
  found.sort((one, other) => one.from - other.from);
  return withDenials(text, found);
}

function withDenials(text: string, found: readonly Found[]): readonly Found[] {
  let before: Found | undefined;
  return found.map((each) => {
    const saidBefore = clauseBefore(text, each.from);
    const isContinued = before?.denied === true && SAME_NEGATION.test(text.slice(before.to, each.from));
    before = { ...each, denied: isContinued || DENIAL.test(saidBefore) };
    return before;
  });
}

function clauseBefore(text: string, at: number): string {
  return (
    text
      .slice(0, at)
      .split(/[.,;:!?\u2014]|\bbut\b|\bonly\b|\bjust\b/)
      .at(-1) ?? ''
  );
}

function clauseAround(text: string, from: number, to: number): string {
  return clauseBefore(text, from) + text.slice(from, to) + (text.slice(to).split(/[.,;:!?\u2014]/)[0] ?? '');
}

function paceOf(clause: string): Move['pace'] {
  if (FAST.test(clause)) return 'fast';
  return SLOW.test(clause) ? 'slow' : 'usual';
}

/** True if two moves can be made together: in and sideways, not in and out, and none with a static camera. */
function canJoin(one: MoveName, other: MoveName): boolean {
  const [first, second] = [axisOf(one), axisOf(other)];
  return first !== second && first !== 'none' && second !== 'none';
}

function axisOf(name: MoveName): string {
  if (name === 'static') return 'none';
  if (/ (?:in|back|out)$/.test(name)) return 'depth';
  if (/^(?:pan|track|orbit)/.test(name)) return 'side';
  return /^(?:tilt|crane)/.test(name) ? 'height' : (name.split(' ')[0] ?? name);
}
