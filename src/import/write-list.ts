import { isAbsolute, relative, sep } from 'node:path';
import { Document, isCollection, isMap, isScalar, Scalar, type YAMLMap } from 'yaml';
import { clipLength } from './clip-length.js';
import type { Imported, ImportedShot } from './imported.js';
import { literal, oneLine, plainText, promptOf } from './prompt.js';
import { sceneName, shotIds } from './shot-ids.js';

/** What the list needs to know beside what was imported. */
export interface ListOptions {
  /** Absolute path of the folder the list will be in; images are named from there. */
  readonly folder: string;
  /** The model of every shot that names none. */
  readonly model: string;
  /** Whole seconds that a model makes, ascending; empty for a model nobody knows. */
  readonly lengthsOf: (model: string, withEndImage: boolean) => readonly number[];
  /** Path of the language's schema from the list, for editors, where it is there. */
  readonly schema?: string;
}

/** Seconds of a shot whose source gives no length; every model makes it. */
const USUAL_LENGTH = 5;

/** From here on a text is folded, characters: with its key it would be longer than a line. */
const FOLD = 90;
const LINE = 105;

/** A value of a shot with what is said beside it. */
type Field = readonly [value: unknown, comment?: string];

/** The YAML of a shot list as a person would write it; what the source does not say is marked `to write`. */
export function writeList({ title, origin, aspect, shots }: Imported, options: ListOptions): string {
  const ids = shotIds(shots.map(({ name }) => name));
  const fields = shots.map((shot, index) => fieldsOf(shot, { id: ids[index] ?? '', options }));
  const document = new Document({
    version: 1,
    title: oneLine(title),
    ...(aspect !== null && { aspect }),
    defaults: { model: options.model, duration: USUAL_LENGTH, audio: false },
    shots: fields.map((each) => Object.fromEntries([...each].map(([key, [value]]) => [key, value]))),
  });
  const schema = options.schema === undefined ? '' : ` yaml-language-server: $schema=${options.schema}\n`;
  document.commentBefore = `${schema} Imported from ${oneLine(origin)}. “to write” marks what it does not say.`;
  comment(
    document.getIn(['defaults', 'audio'], true),
    'the service adds sound, and charges for it, unless told not to',
  );
  spaceBefore(document, ['defaults', 'shots']);
  const list = document.get('shots');
  if (!isCollection(list)) throw new Error('a list of shots was written as something else');
  for (const [index, shot] of list.items.entries()) {
    if (isMap(shot)) dress(shot, { fields: fields[index] ?? new Map(), first: index === 0 });
  }
  const text = (lineWidth: number) => document.toString({ lineWidth, flowCollectionPadding: true });
  const folded = text(LINE);
  // `yaml` may fold a quoted text within a character beyond U+FFFF, such as an emoji; UTF-8 cannot hold the halves.
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
  if (drawn) fields.set('start_image', [from(options.folder, shot.startImage)]);
  if (shot.endImage !== undefined) fields.set('end_image', [from(options.folder, shot.endImage)]);
  for (const [key, field] of lengthFields(shot, options)) fields.set(key, field);
  if (shot.camera) {
    const camera = Object.entries(shot.camera).map(([part, words]) => [part, literal(oneLine(words))]);
    fields.set('camera', [Object.fromEntries(camera)]);
  }
  const prompt = promptOf(shot);
  fields.set('prompt', prompt.toWrite ? [prompt.text, 'to write: what happens in this shot'] : [prompt.text]);
  const notes = plainText(shot.notes ?? '');
  if (notes !== '') fields.set('notes', [literal(notes)]);
  return fields;
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

/** A path as the list writes it, with `/`; a URL stays what it is. */
function from(folder: string, image: string): string {
  if (!isAbsolute(image)) return literal(image);
  const path = literal(relative(folder, image).split(sep).join('/'));
  // A shell's home folder is not what is meant, and a list that says so is refused.
  return path.startsWith('~') ? `./${path}` : path;
}

/** Comments, folds and blank lines, which plain values do not have. */
function dress(
  shot: YAMLMap,
  { fields, first }: { fields: ReadonlyMap<string, Field>; first: boolean },
): void {
  shot.spaceBefore = !first;
  for (const [key, [, said]] of fields) {
    const value = shot.get(key, true);
    if (said !== undefined) comment(value, said);
    if (isCollection(value)) value.flow = true;
    if (isScalar(value) && key === 'prompt') value.type = styleOf(String(value.value), said);
    // A line break in a file's name is no text of two lines.
    if (isScalar(value) && key.endsWith('_image') && /\n/.test(String(value.value)))
      value.type = Scalar.QUOTE_DOUBLE;
  }
}

/** A comment right after a plain prompt looks as if it were lost from the prompt: between quotes it does not. */
function styleOf(prompt: string, said: string | undefined): Scalar.Type {
  if (said !== undefined) return Scalar.QUOTE_DOUBLE;
  return prompt.length > FOLD ? Scalar.BLOCK_FOLDED : Scalar.PLAIN;
}

function comment(node: unknown, text: string): void {
  if (!isScalar(node)) throw new Error(`there is no value for the comment “${text}”`);
  node.comment = ` ${text}`;
}

function spaceBefore(document: Document, keys: readonly string[]): void {
  if (!isMap(document.contents)) return;
  for (const { key } of document.contents.items) {
    if (isScalar(key) && keys.includes(String(key.value))) key.spaceBefore = true;
  }
}
