import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { isObject, type Json } from '../base/json.js';
import { elementField } from '../base/native-names.js';
import type { NeutralElement } from '../models/native-input.js';
import type { ImportedFile } from './imported.js';
import { shotIds } from './write-list.js';

/** An element of a body with our names. */
export function elementOf(value: Json): NeutralElement {
  const element: { frontal_image?: string; reference_images?: string[]; video?: string } = {};
  for (const [name, part] of isObject(value) ? Object.entries(value) : []) {
    const field = elementField(name);
    const texts = [part].flat().filter((one) => typeof one === 'string' && one !== '') as string[];
    if (field === undefined || texts.length === 0) continue;
    if (field === 'reference_images') element.reference_images = texts;
    else element[field] = texts[0] as string;
  }
  return element;
}

/** Elements and pictures of a list, each once. */
export class Cast {
  readonly files: ImportedFile[] = [];
  readonly #elements = new Map<string, { name: string; element: NeutralElement }>();

  get elements(): Readonly<Record<string, NeutralElement>> {
    return Object.fromEntries([...this.#elements.values()].map(({ name, element }) => [name, element]));
  }

  /** Name of an element in the list; the same for the same element. */
  add(written: NeutralElement, folder: string): string {
    const { frontal_image, reference_images = [], video } = written;
    const element = {
      ...(typeof frontal_image === 'string' && { frontal_image: this.image(frontal_image, folder) }),
      ...(reference_images.length > 0 && {
        reference_images: reference_images.map((one) => this.image(String(one), folder)),
      }),
      ...(typeof video === 'string' && { video: this.image(video, folder) }),
    };
    const key = JSON.stringify(element);
    const known = this.#elements.get(key);
    if (known) return known.name;
    const media = String(frontal_image ?? reference_images[0] ?? video ?? 'element');
    const names = [...this.#elements.values()].map(({ name }) => name);
    const path = media.replace(/^data:[^,]*,\$\(base64 (.+)\)$/s, '$1').replace(/[?#].*$/s, '');
    const stem = path.startsWith('data:') ? 'element' : basename(path, extname(path));
    const name = shotIds([...names, stem]).at(-1) as string;
    this.#elements.set(key, { name, element });
    return name;
  }

  /** A URL as it is, a path as an absolute one, a picture in the body as a file to write. */
  image(written: string, folder: string): string {
    const [, local] = /^data:[^,]*,\$\(base64 (.+)\)$/s.exec(written) ?? [];
    if (local !== undefined) return pathIn(local, folder);
    const bytes = bytesOf(written);
    if (bytes) {
      const name = `boards/${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.${typeOf(bytes)}`;
      if (!this.files.some((file) => file.name === name)) this.files.push({ name, bytes });
      return name;
    }
    return /^[a-z][a-z0-9+.-]+:/i.test(written) ? written : pathIn(written, folder);
  }
}

/** Shortest text that is taken for a picture in Base64: no path is that long. */
const BASE64_PICTURE = /^[A-Za-z0-9+/\s]{400,}={0,2}\s*$/;

/** Bytes of a picture that is written into the body; null for a path or a URL. */
function bytesOf(written: string): Buffer | null {
  const [, coded] = /^data:[^,]*;base64,(.*)$/is.exec(written) ?? [];
  if (coded !== undefined) return Buffer.from(coded, 'base64');
  return BASE64_PICTURE.test(written) ? Buffer.from(written, 'base64') : null;
}

/** File ending of a picture or a video by its first bytes. */
function typeOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 12).toString('latin1');
  if (start.startsWith('\x89PNG')) return 'png';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp';
  if (start.startsWith('ftyp', 4)) return 'mp4';
  return start.startsWith('BM') ? 'bmp' : 'jpg';
}

/** Absolute path of a file that a command or a body names: in the current folder, where commands run, or else in `folder`. */
export function pathIn(path: string, folder: string): string {
  if (isAbsolute(path)) return path;
  const here = resolve(path);
  return existsSync(here) ? here : join(folder, path);
}
