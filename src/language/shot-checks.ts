import { isDeviceName } from '../base/files.js';
import { nearest } from '../base/text.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import type { Element, Scene, Shot } from './shot-list.js';

/** Longest id, characters: what is made of it is a file name with a key and an ending. */
const LONGEST_ID = 150;

/** A scene's name, as the schema has it; what a table says comes here unchecked. */
const SCENE = /^[A-Za-z0-9_.-]{1,64}$/;

/** Checks what a list's shots are called and what they refer to, once everything they inherit is known. */
export class ShotChecks {
  readonly #scenes: ReadonlyMap<string, Scene>;
  /** Null where they are written wrongly: nobody knows which there are. */
  readonly #elements: ReadonlyMap<string, Element> | null;
  readonly #report: (finding: PlacedFinding) => void;
  /** Where each id stands first, in lower case. */
  readonly #ids = new Map<string, Place>();

  constructor(options: {
    scenes: ReadonlyMap<string, Scene>;
    elements: ReadonlyMap<string, Element> | null;
    report: (finding: PlacedFinding) => void;
  }) {
    this.#scenes = options.scenes;
    this.#elements = options.elements;
    this.#report = options.report;
  }

  /** Whether the id is new. Ids become file names, and some file systems hold `Cliff` and `cliff` for the same name. */
  checkId(id: string, place: Place): boolean {
    if (id.length > LONGEST_ID) {
      const message = `the id \`${id.slice(0, 40)}…\` has ${id.length} characters; at most ${LONGEST_ID} make a file name`;
      this.#report({ place: inside(place, 'id'), code: 'SL101', message });
    }
    if (isDeviceName(id)) {
      const message = `\`${id}\` is a device on Windows, where no clip can be called that`;
      this.#report({ place: inside(place, 'id'), code: 'SL115', message, hint: `call it shot-${id}` });
    }
    const key = id.toLowerCase();
    const first = this.#ids.get(key);
    if (first) this.#reportTwice(id, { place, first });
    else this.#ids.set(key, place);
    return !first;
  }

  #reportTwice(id: string, { place, first }: { place: Place; first: Place }): void {
    const { line } = first.document.at([...first.path, 'id'], { code: 'SL104', message: '' });
    const isSame = first === place;
    this.#report({
      place: inside(place, 'id'),
      code: 'SL104',
      message: isSame
        ? `two rows of the table make the id \`${id}\``
        : `the id \`${id}\` already stands in line ${line}`,
      hint: 'ids are unique in a list, letter case aside',
    });
  }

  /** Whether the scene is one of the list's, where the list names any. */
  checkScene(scene: string | null, place: Place): void {
    const scenes = this.#scenes;
    if (scene === null) return;
    if (!SCENE.test(scene)) {
      const message = `the scene ${JSON.stringify(scene.slice(0, 64))} has other signs than letters, digits, ., - and _, or too many`;
      this.#report({ place, code: 'SL101', message });
      return;
    }
    if (scenes.size === 0 || scenes.has(scene)) return;
    const meant = nearest(scene, scenes.keys());
    this.#report({
      place,
      code: 'SL109',
      message: `there is no scene \`${scene}\``,
      hint: meant ? `did you mean \`${meant}\`?` : 'name it under `scenes:` at the top of the list',
    });
  }

  /** Whether all elements that the shot lists are the list's. */
  checkElements({ fields, origin }: Pick<Shot, 'fields' | 'origin'>): void {
    const elements = this.#elements;
    if (elements === null) return;
    for (const [index, name] of (fields.elements ?? []).entries()) {
      if (elements.has(name)) continue;
      const meant = nearest(name, elements.keys());
      this.#report({
        place: inside(origin('elements'), index),
        code: 'SL202',
        message: `there is no element \`${name}\``,
        hint: meant ? `did you mean \`${meant}\`?` : 'name it under `elements:` at the top of the list',
      });
    }
  }
}
