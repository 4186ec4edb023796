import { basename, dirname, extname } from 'node:path';
import type { ErrorObject } from 'ajv';
import validate from '../generated/validate-shotlist.js';
import { nearest } from '../nearest.js';
import { explain, type SchemaProblem } from '../schema-problem.js';
import { aspectDoubts } from './aspect.js';
import { type Checked, checked, type Diagnostic } from './diagnostic.js';
import { type ListDocument, parse } from './document.js';
import type { Finding, Path } from './finding.js';
import { isUrl, urlProblem } from './image-url.js';
import { ImageFinder, imageDoubts } from './images.js';
import { inherit, type RawFields } from './inherit.js';
import type { Element, Image, ImageReference, Shot, ShotList } from './shot-list.js';
import { readSource } from './source.js';
import { findTree } from './tree.js';
import { findUnsupported } from './unsupported.js';

/** The list's structure as the schema promises it; maps that broke it are left out before this is believed. */
interface RawList {
  readonly title?: string | null;
  readonly aspect?: string | null;
  readonly defaults?: RawFields | null;
  readonly elements?: Readonly<Record<string, RawElement>> | null;
  readonly shots?: readonly (RawFields & { readonly id: string })[];
}

interface RawElement {
  readonly frontal_image?: ImageReference | null;
  readonly reference_images?: readonly ImageReference[] | null;
  readonly video?: string | null;
}

/** Fields without which a shot cannot be looked at by its model. */
const FIELDS: ReadonlySet<string> = new Set(['model', 'prompt', 'start_image', 'end_image']);

/**
 * Reads a shot list and checks all of it that concerns no model: structure, ids, elements, images.
 * Reads the list and the images it names, nothing else. Never throws for what a file holds.
 */
export async function loadShotList(file: string): Promise<Checked<ShotList>> {
  const source = await readSource(file);
  if ('code' in source) return { ok: false, diagnostics: [source] };
  const { document, diagnostics } = parse(source);
  if (!document) return { ok: false, diagnostics };
  const loader = new Loader(document, diagnostics);
  return checked(await loader.load(), loader.diagnostics);
}

class Loader {
  readonly diagnostics: Diagnostic[];
  readonly #document: ListDocument;
  /** Parts, such as `aspect` or `shots/3`, that are written wrongly: not looked at further. */
  readonly #broken = new Set<string>();
  /** Fields that are written wrongly by the part they stand in, `defaults` or such as `shots/3`. */
  readonly #unread = new Map<string, Set<string>>();

  constructor(document: ListDocument, diagnostics: readonly Diagnostic[]) {
    this.#document = document;
    this.diagnostics = [...diagnostics];
  }

  async load(): Promise<ShotList> {
    const { value, source } = this.#document;
    this.#checkStructure(value);
    const list: RawList = value !== null && typeof value === 'object' ? value : {};
    const folder = dirname(source.path);
    const images = new ImageFinder({ folder, tree: await findTree(folder) });
    const elements = await this.#elements(list, images);
    const shots = await this.#shots(list, { images, elements });
    for (const { path, ...finding } of aspectDoubts(shots, this.#broken.has('aspect') ? null : list.aspect)) {
      this.#report(path, finding);
    }
    const name = basename(source.path, extname(source.path));
    const title = typeof list.title === 'string' ? list.title : null;
    return { document: this.#document, path: source.path, folder, name, title, elements, shots };
  }

  #report(path: Path, finding: Finding): void {
    this.diagnostics.push(this.#document.at(path, finding));
  }

  #checkStructure(value: unknown): void {
    const problems = validate(value) ? [] : explain(validate.errors as ErrorObject[]);
    for (const { path, ...problem } of problems) {
      this.#leaveOut(path, problem.meant);
      this.#report(path, structureFinding(path, problem));
    }
    for (const { path, ...finding } of findUnsupported(value)) {
      this.#leaveOut(path);
      this.#report(path, finding);
    }
  }

  /** So that one mistake is told once: the smallest part it spoils is not looked at again. */
  #leaveOut(path: Path, meant?: string): void {
    const [first, ...rest] = path;
    const [part, field] =
      first === 'shots' || first === 'elements'
        ? [path.slice(0, 2).join('/'), rest[1]]
        : [String(first), rest[0]];
    if (field === undefined || (first !== 'shots' && first !== 'defaults')) {
      this.#broken.add(part);
      return;
    }
    const fields = this.#unread.get(part) ?? new Set();
    this.#unread.set(part, fields.add(String(field)));
    if (meant !== undefined) fields.add(meant);
  }

  async #elements(list: RawList, images: ImageFinder): Promise<ReadonlyMap<string, Element>> {
    const found = new Map<string, Element>();
    if (this.#broken.has('elements')) return found;
    for (const [name, raw] of Object.entries(list.elements ?? {})) {
      const path = ['elements', name];
      if (this.#broken.has(path.join('/'))) {
        found.set(name, { name, reference_images: [] });
        continue;
      }
      if (!raw.frontal_image && !raw.reference_images?.length && !raw.video) {
        this.#report(path, {
          code: 'SL103',
          about: 'key',
          message: `\`${name}\` has no image and no video`,
          hint: 'give it a `frontal_image`',
        });
      }
      const frontal = await this.#image(raw.frontal_image, { images, path: [...path, 'frontal_image'] });
      const references: Image[] = [];
      for (const [index, reference] of (raw.reference_images ?? []).entries()) {
        const image = await this.#image(reference, { images, path: [...path, 'reference_images', index] });
        if (image) references.push(image);
      }
      this.#checkVideo(raw.video, [...path, 'video']);
      found.set(name, {
        name,
        reference_images: references,
        ...(frontal && { frontal_image: frontal }),
        ...(raw.video && { video: raw.video }),
      });
    }
    return found;
  }

  #checkVideo(video: string | null | undefined, path: Path): void {
    if (!video) return;
    const problem: Finding | undefined = isUrl(video)
      ? urlProblem(video)
      : {
          code: 'SL217',
          message: 'videos do not travel with a request',
          hint: 'host it and write its https URL',
        };
    if (problem) this.#report(path, problem);
  }

  async #shots(
    list: RawList,
    known: { images: ImageFinder; elements: ReadonlyMap<string, Element> },
  ): Promise<Shot[]> {
    const shots: Shot[] = [];
    if (this.#broken.has('shots')) return shots;
    const broken = this.#broken.has('defaults');
    const defaults = broken ? {} : (list.defaults ?? {});
    const ids = new Map<string, number>();
    for (const [index, raw] of (list.shots ?? []).entries()) {
      if (this.#broken.has(`shots/${index}`) || typeof raw.id !== 'string' || !raw.id) continue;
      const unread = {
        own: this.#unread.get(`shots/${index}`),
        // Nobody knows what defaults that are no map were to say.
        defaults: broken ? FIELDS : this.#unread.get('defaults'),
      };
      const shot = inherit({ raw, defaults, index, unread });
      if (!shot.unread.has('id')) this.#checkId(raw.id, index, ids);
      this.#checkElements(shot, known.elements);
      this.#checkTexts(shot);
      shots.push({ ...shot, images: await this.#images(shot, known.images) });
    }
    return shots;
  }

  async #images(shot: Shot, images: ImageFinder): Promise<Shot['images']> {
    const { start_image, end_image } = shot.fields;
    const start = await this.#image(start_image, { images, path: shot.origin('start_image') });
    if (end_image === undefined) return start ? { start_image: start } : {};
    const end = await this.#image(end_image, { images, path: shot.origin('end_image') });
    return { ...(start && { start_image: start }), ...(end && { end_image: end }) };
  }

  /** Ids become file names, and some file systems hold `Cliff` and `cliff` for the same name. */
  #checkId(id: string, index: number, ids: Map<string, number>): void {
    const first = ids.get(id.toLowerCase());
    if (first === undefined) {
      ids.set(id.toLowerCase(), index);
      return;
    }
    const finding: Finding = {
      code: 'SL104',
      message: '',
      hint: 'ids are unique in a list, letter case aside',
    };
    const { line } = this.#document.at(['shots', first, 'id'], finding);
    this.#report(['shots', index, 'id'], {
      ...finding,
      message: `the id \`${id}\` already stands in line ${line}`,
    });
  }

  #checkElements(shot: Shot, elements: ReadonlyMap<string, Element>): void {
    if (this.#broken.has('elements')) return;
    for (const [index, name] of (shot.fields.elements ?? []).entries()) {
      if (elements.has(name) || this.#broken.has(`elements/${name}`)) continue;
      const meant = nearest(name, elements.keys());
      this.#report([...shot.origin('elements'), index], {
        code: 'SL202',
        message: `there is no element \`${name}\``,
        hint: meant ? `did you mean \`${meant}\`?` : 'name it under `elements:` at the top of the list',
      });
    }
  }

  /** A `${name}` that nothing fills in would be sent, and paid for, as it stands. */
  #checkTexts(shot: Shot): void {
    const texts: [unknown, Path][] = [
      [shot.fields.prompt, shot.origin('prompt')],
      [shot.fields.negative_prompt, shot.origin('negative_prompt')],
      ...(shot.fields.segments ?? []).map((segment, index): [unknown, Path] => [
        segment.prompt,
        [...shot.origin('segments'), index, 'prompt'],
      ]),
    ];
    for (const [text, path] of texts) this.#checkText(text, path);
  }

  #checkText(text: unknown, path: Path): void {
    if (typeof text !== 'string' || !text.includes('${')) return;
    for (const [reference] of text.matchAll(/\$\{[^}]*\}/g)) {
      this.#report(path, {
        code: 'SL105',
        message: `\`${reference}\` is not supported yet`,
        hint: 'write the text itself',
        part: reference,
      });
    }
  }

  async #image(
    reference: ImageReference | null | undefined,
    { images, path }: { images: ImageFinder; path: Path },
  ): Promise<Image | undefined> {
    if (reference === null || reference === undefined) return undefined;
    if (typeof reference === 'string' && reference.includes('${')) {
      this.#checkText(reference, path);
      return undefined;
    }
    const image = await images.find(reference);
    if ('code' in image) {
      this.#report(path, image);
      return undefined;
    }
    for (const doubt of imageDoubts(image)) this.#report(path, doubt);
    return image;
  }
}

function structureFinding(path: Path, problem: Omit<SchemaProblem, 'path'>): Finding {
  const { about, rule, message, hint } = problem;
  const code = rule === 'additionalProperties' ? 'SL102' : about === 'missing' ? 'SL103' : 'SL101';
  const begins = 'a shot list begins with `version: 1` and `shots:`';
  if (path.length === 0 && rule === 'type') return { code, message: 'this is no shot list', hint: begins };
  if (path.length === 0 && about === 'missing') return { code, about, message, hint: begins };
  return { code, about, message, hint };
}
