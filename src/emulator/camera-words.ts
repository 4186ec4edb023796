import { CAMERA_RULES, type MoveName } from './camera-rules.js';

/** A move and how fast it was said to be. */
export interface Move {
  readonly name: MoveName;
  readonly pace: 'slow' | 'usual' | 'fast';
}

/** Moves made at the same time. */
export type Beat = readonly Move[];

/**
 * The camera moves that a prompt asks for, one beat after another; none when it says nothing about the camera. Reads
 * English as it is written for models and on set; what is denied ("no zoom") is not done, and leaves a static camera
 * where nothing else is asked for.
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

interface Found extends Move {
  readonly from: number;
  readonly to: number;
  readonly denied: boolean;
}

/** What begins another beat rather than a move made at the same time. */
const THEN = /\b(?:then|before|after which|afterwards|followed by|finally|ends? (?:on|with|in)|as soon as)\b/;
const DENIAL = /\b(?:no|not|never|without|avoid|nor|zero|(?:do|does|is|must|should|will|can)n't)\b/;
/** Between two things denied together: "no pan, tilt or zoom". */
const AND_SO_ON = /^[\s,]*(?:(?:or|nor|and|any|no|camera)\s+)*$/;
const SLOW =
  /\b(?:slow|slowly|gentle|gently|subtle|subtly|gradual|gradually|slight|slightly|creeps?|creeping|barely|soft)\b/;
const FAST = /\b(?:fast|quick|quickly|rapid|rapidly|whip|swish|crash|snap|swift|swiftly|sudden|suddenly)\b/;

/** In small letters, hyphens as blanks: "Push-in" is "push in". */
function normalised(prompt: string): string {
  return prompt
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/\bhandheld\b/g, 'hand held')
    .replace(/[\n\r]+/g, '. ')
    .replace(/[\s\u2010-\u2012_-]+/g, ' ')
    .trim();
}

/** All moves in the order they are said, none within another. */
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
    const goesOn = before?.denied === true && AND_SO_ON.test(text.slice(before.to, each.from));
    before = { ...each, denied: goesOn || DENIAL.test(saidBefore) };
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

/** A picture can go in, sideways and up at once; not in and out, and not while it stands. */
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
