import { isAbsolute, relative, sep } from 'node:path';
import { Document, isCollection, isMap, isScalar, Scalar, type YAMLMap } from 'yaml';
import { isDeviceName } from '../base/files.js';
import type { Imported, ImportedShot } from './imported.js';
import { escapeVariables, oneLine, promptOf, withoutControls } from './prompt.js';

/** Facts that the list needs besides the imported film. */
export interface ListOptions {
  /** Absolute path of the list's folder; paths of images start from it. */
  readonly folder: string;
  /** Model of the shots that name none. */
  readonly model: string;
  /** Lengths that a model makes, whole seconds, ascending; empty for an unknown model. */
  readonly lengthsOf: (model: string, withEndImage: boolean) => readonly number[];
  /** Path of the schema from the list's folder, for editors. */
  readonly schema?: string;
}

/** Seconds of a shot without a length in the source; every model makes that length. */
const USUAL_LENGTH = 5;

/** Longest prompt on one line, and longest line of a folded text, characters. Our choice. */
const FOLD = 90;
const LINE = 105;

/** Value of a field and the comment beside it. */
type Field = readonly [value: unknown, comment?: string];

/** Writes a shot list as a person would; fields that the source does not say are marked `to write`. */
export function writeList(imported: Imported, options: ListOptions): string {
  const { title, origin, aspect, shots, elements = {} } = imported;
  const ids = shotIds(shots.map(({ name }) => name));
  // A request says all that is sent: defaults would add to it.
  const isSent = shots.some(({ sent }) => sent !== undefined);
  const model = isSent ? (shots[0]?.model ?? options.model) : options.model;
  const fields = shots.map((shot, index) =>
    isSent
      ? sentFields(shot, { id: ids[index] ?? '', folder: options.folder, model })
      : fieldsOf(shot, { id: ids[index] ?? '', options }),
  );
  const cast = Object.entries(elements).map(([name, element]) => [name, mediaFrom(options.folder, element)]);
  const document = new Document({
    version: 1,
    title: oneLine(title),
    ...(aspect !== null && { aspect }),
    defaults: isSent ? { model } : { model, duration: USUAL_LENGTH, audio: false },
    ...(cast.length > 0 && { elements: Object.fromEntries(cast) }),
    shots: fields.map((each) => Object.fromEntries([...each].map(([key, [value]]) => [key, value]))),
  });
  const schema = options.schema === undefined ? '' : ` yaml-language-server: $schema=${options.schema}\n`;
  const legend = isSent
    ? 'Each shot sends what the request sends.'
    : '“to write” marks what it does not say.';
  document.commentBefore = `${schema} Imported from ${oneLine(origin)}. ${legend}`;
  if (!isSent)
    addComment(
      document.getIn(['defaults', 'audio'], true),
      'the service adds sound, and charges for it, unless told not to',
    );
  addSpaceBefore(document, ['defaults', 'elements', 'shots']);
  const list = document.get('shots');
  if (!isCollection(list)) throw new Error('the shots were not written as a list');
  for (const [index, shot] of list.items.entries()) {
    if (isMap(shot)) styleShot(shot, { fields: fields[index] ?? new Map(), first: index === 0 });
  }
  const text = (lineWidth: number) => document.toString({ lineWidth, flowCollectionPadding: true });
  const folded = text(LINE);
  // `yaml` may fold a text inside a character beyond U+FFFF, such as an emoji; UTF-8 cannot encode its halves.
  return Buffer.from(folded).toString() === folded ? folded : text(0);
}

function fieldsOf(
  shot: ImportedShot,
  { id, options }: { id: string; options: ListOptions },
): ReadonlyMap<string, Field> {
  const drawn = shot.startImage !== undefined;
  const fields = new Map<string, Field>([['id', drawn ? [id] : [id, 'to write: its start_image']]]);
  const scene = sceneName(shot.scene ?? '');
  if (scene !== undefined) fields.set('scene', [scene]);
  if (shot.model !== undefined) fields.set('model', [oneLine(shot.model)]);
  if (drawn) fields.set('start_image', [pathFrom(options.folder, shot.startImage)]);
  if (shot.endImage !== undefined) fields.set('end_image', [pathFrom(options.folder, shot.endImage)]);
  for (const [key, field] of lengthFields(shot, options)) fields.set(key, field);
  if (shot.camera) {
    const camera = Object.entries(shot.camera).map(([part, words]) => [
      part,
      escapeVariables(oneLine(words)),
    ]);
    fields.set('camera', [Object.fromEntries(camera)]);
  }
  const prompt = promptOf(shot);
  fields.set('prompt', prompt.toWrite ? [prompt.text, 'to write: what happens in this shot'] : [prompt.text]);
  const notes = withoutControls(shot.notes ?? '');
  if (notes !== '') fields.set('notes', [escapeVariables(notes)]);
  return fields;
}

/** Fields of a shot from a request: all that it sends, and nothing else. */
function sentFields(
  { model: own, sent = {}, notes }: ImportedShot,
  { id, folder, model }: { id: string; folder: string; model: string },
): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>([['id', [id]]]);
  if (own !== undefined && own !== model) fields.set('model', [own]);
  for (const [field, value] of Object.entries(sent)) {
    fields.set(field, [
      field.endsWith('_image') && typeof value === 'string' ? pathFrom(folder, value) : value,
    ]);
  }
  if (notes !== undefined) fields.set('notes', [escapeVariables(withoutControls(notes))]);
  return fields;
}

/** An element with its paths from the list's folder. */
function mediaFrom(folder: string, element: object): object {
  const from = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(from) : typeof value === 'string' ? pathFrom(folder, value) : value;
  return Object.fromEntries(Object.entries(element).map(([name, value]) => [name, from(value)]));
}

function lengthFields(shot: ImportedShot, options: ListOptions): [string, Field][] {
  if (shot.seconds === undefined) {
    if (shot.unreadLength === undefined) return [];
    const why = `to write: the source says ${JSON.stringify(oneLine(shot.unreadLength).slice(0, 40))}`;
    return [['duration', [USUAL_LENGTH, why]]];
  }
  const lengths = options.lengthsOf(shot.model ?? options.model, shot.endImage !== undefined);
  const { duration, use, why } = clipLength(shot.seconds, lengths);
  const fields: [string, Field][] = [['duration', why === undefined ? [duration] : [duration, why]]];
  if (use) fields.push(['use', [use]]);
  return fields;
}

/** A path as a list writes it, with `/`; a URL stays as it is. */
function pathFrom(folder: string, image: string): string {
  if (!isAbsolute(image)) return escapeVariables(image);
  const path = escapeVariables(relative(folder, image).split(sep).join('/'));
  // A list refuses a path that begins with `~`.
  return path.startsWith('~') ? `./${path}` : path;
}

/** Adds the comments, quotes, folds and blank lines of one shot. */
function styleShot(
  shot: YAMLMap,
  { fields, first }: { fields: ReadonlyMap<string, Field>; first: boolean },
): void {
  shot.spaceBefore = !first;
  for (const [key, [, comment]] of fields) {
    const value = shot.get(key, true);
    if (comment !== undefined) addComment(value, comment);
    if (key === 'segments') styleSegments(value);
    else if (isCollection(value)) value.flow = true;
    if (isScalar(value) && key === 'prompt') value.type = styleOf(String(value.value), comment);
    // A block text would add a line break to the file's name.
    if (isScalar(value) && key.endsWith('_image') && /\n/.test(String(value.value)))
      value.type = Scalar.QUOTE_DOUBLE;
  }
}

/** Writes each short segment on a line of its own. */
function styleSegments(segments: unknown): void {
  for (const segment of isCollection(segments) ? segments.items : []) {
    if (!isMap(segment)) continue;
    const prompt = segment.get('prompt', true);
    if (isScalar(prompt)) prompt.type = styleOf(String(prompt.value), undefined);
    segment.flow = String(segment.get('prompt')).length <= FOLD;
  }
}

/** A prompt with a comment beside it has quotes, because after a plain text the comment would look like its end. */
function styleOf(prompt: string, comment: string | undefined): Scalar.Type {
  // A folded text would lose spaces at the ends of lines.
  if (comment !== undefined || /[^\S ]| {2}| $|^ /.test(prompt)) return Scalar.QUOTE_DOUBLE;
  return prompt.length > FOLD ? Scalar.BLOCK_FOLDED : Scalar.PLAIN;
}

function addComment(node: unknown, text: string): void {
  if (!isScalar(node)) throw new Error(`there is no value beside which to write “${text}”`);
  node.comment = ` ${text}`;
}

function addSpaceBefore(document: Document, keys: readonly string[]): void {
  if (!isMap(document.contents)) return;
  for (const { key } of document.contents.items) {
    if (isScalar(key) && keys.includes(String(key.value))) key.spaceBefore = true;
  }
}

/** Length of a clip, and the range of it that the cut takes. */
interface ClipLength {
  /** Whole seconds that the model makes. */
  readonly duration: number;
  /** From and to, seconds, if the source is shorter than the clip. */
  readonly use?: readonly [number, number];
  /** Comment that says why the length differs from the source. */
  readonly why?: string;
}

/** Seconds by which a length may miss a whole number: two frames at 24 per second. Our choice. */
const LENGTH_TOLERANCE = 2 / 24;

/**
 * The shortest of a model's `lengths` (whole seconds, ascending) that holds `seconds` of the source, so that an editor
 * has the whole shot; `use` keeps the source's timing.
 */
export function clipLength(seconds: number, lengths: readonly number[]): ClipLength {
  const exact = Number(seconds.toFixed(2));
  const longest = lengths.at(-1);
  // An unknown model is reported when the list is checked.
  if (longest === undefined) return { duration: Math.max(1, Math.ceil(seconds - LENGTH_TOLERANCE)) };
  const duration = lengths.find((each) => each >= seconds - LENGTH_TOLERANCE);
  if (duration === undefined)
    return { duration: longest, why: `the source has ${exact} s, the model makes at most ${longest}` };
  if (duration - seconds <= LENGTH_TOLERANCE) return { duration };
  const isShortest = lengths[0] === duration && duration - seconds >= 1;
  const why = isShortest ? `the source has ${exact} s, the model makes no less than ${duration}` : undefined;
  return { duration, use: [0, exact], ...(why !== undefined && { why }) };
}

/** Longest id that the schema allows, characters. */
const LONGEST_ID = 64;

/**
 * Makes a shot id of each name, in the same order: letters, digits, `-` and `_`, at most 64 of them, unique with letter
 * case ignored. Other characters become `-`; an id that is already taken gets a number.
 */
export function shotIds(names: readonly string[]): readonly string[] {
  const fitted = names.map(toId);
  const taken = new Set<string>();
  // A name that is already an id stays, even if an earlier name becomes the same id.
  const reserved = new Set(fitted.filter((id, index) => id === names[index]).map((id) => id.toLowerCase()));
  const next = new Map<string, number>();
  return fitted.map((wanted, index) => {
    const key = wanted.toLowerCase();
    const isOwn = wanted === names[index] || !reserved.has(key);
    let id = wanted;
    if (!isOwn || taken.has(key)) {
      let number = next.get(key) ?? 2;
      const numbered = () => `${wanted.slice(0, LONGEST_ID - 1 - String(number).length)}-${number}`;
      while (taken.has(numbered().toLowerCase()) || reserved.has(numbered().toLowerCase())) number += 1;
      id = numbered();
      next.set(key, number + 1);
    }
    taken.add(id.toLowerCase());
    return id;
  });
}

function toId(name: string): string {
  const id = onlyLetters(name, LONGEST_ID) || 'shot';
  return isDeviceName(id) ? `shot-${id}` : id;
}

/** A scene name as the schema allows it, with dots; undefined if nothing of the text is left. */
export function sceneName(text: string): string | undefined {
  return onlyLetters(text, LONGEST_ID, /[^A-Za-z0-9_.-]+/g) || undefined;
}

function onlyLetters(name: string, longest: number, unfit = /[^A-Za-z0-9_-]+/g): string {
  // NFKD splits `é` into `e` and an accent, which is then removed.
  const plain = name.normalize('NFKD').replace(/\p{M}+/gu, '');
  const joined = plain.replace(unfit, '-').replace(/-{2,}/g, '-');
  return joined.replace(/^-+/, '').slice(0, longest).replace(/-+$/, '');
}
