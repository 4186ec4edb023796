import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPublicHost } from '../base/addresses.js';
import type { Finding } from './diagnostic.js';
import { inside, type Place, type Source } from './document.js';
import { sharePage } from './share-links.js';
import type { Chain, Image, Shot, ShotList } from './shot-list.js';

/** A file that the service will fetch by its URL. */
export interface RemoteMedia {
  readonly url: string;
  readonly kind: 'image' | 'video';
  /** Place in the list, or in a file that it includes. */
  readonly place: Place;
  /** Ignores of the shot that names it; left out for an element. */
  readonly ignores?: Shot['ignores'];
}

/** Every URL of a list, once for each place that names it. */
export function remoteMedia({ elements, shots }: ShotList): readonly RemoteMedia[] {
  const found: RemoteMedia[] = [];
  const add = (image: Image | Chain | undefined, where: Pick<RemoteMedia, 'place' | 'ignores'>) => {
    if (image?.kind === 'url') found.push({ url: image.url, kind: 'image', ...where });
  };
  for (const { place, frontal_image, reference_images, video } of elements.values()) {
    add(frontal_image, { place: inside(place, 'frontal_image') });
    for (const [index, image] of reference_images.entries())
      add(image, { place: inside(place, 'reference_images', index) });
    if (typeof video === 'string') found.push({ url: video, kind: 'video', place: inside(place, 'video') });
  }
  for (const shot of shots) {
    const { images, origin, ignores } = shot;
    add(images.start_image, { place: origin('start_image'), ignores });
    add(images.end_image, { place: origin('end_image'), ignores });
  }
  return found;
}

/** Reason why the service cannot fetch a URL, judged by its text alone; undefined if there is none. */
export function urlProblem(reference: string): Finding | undefined {
  const code = 'SL216';
  if (/^data:/i.test(reference)) {
    return {
      code,
      message: 'images are not written into the list',
      hint: 'save it beside the list and write its path',
    };
  }
  if (/^file:/i.test(reference))
    return { code, message: 'a file is named by its path', hint: 'take out file://' };
  if (/\s/.test(reference)) return { code, message: 'the URL has a space in it', hint: 'write it as %20' };
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(reference)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'https') {
    return {
      code,
      message: `the service fetches https URLs only, not ${scheme}`,
      hint: 'host it where an https:// URL leads to it, or save it beside the list',
    };
  }
  // The WHATWG parser repairs `https:a.com` and `https:///a.com`; the service's parser may not.
  if (!/^https:\/\/[^/]/i.test(reference) || !URL.canParse(reference)) {
    return { code, message: 'this is not a URL', hint: 'it begins with https:// and a host' };
  }
  const url = new URL(reference);
  if (url.username || url.password) {
    return { code, message: 'the URL holds a login', hint: 'the service needs one that works without' };
  }
  if (!isPublicHost(url.hostname)) {
    return {
      code,
      message: `the service cannot reach ${url.hostname}`,
      hint: 'use a public host, or a path beside the list',
    };
  }
  const page = sharePage(url);
  if (!page) return undefined;
  const message = `this is a page of ${page.of}, and not the file that it shows`;
  const save = 'save the file beside the list and write its path';
  return { code, message, hint: page.direct === null ? save : `${save}, or write ${page.direct}` };
}

/** Longest path that every system takes, characters: PATH_MAX of macOS. */
const LONGEST_PATH = 1024;

const FROM_ITS_FOLDER = 'write the path from the shot list’s own folder';

/**
 * Problem with a path as a list writes it; reads no file. A path must mean the same file on every system: relative,
 * written with `/`, without a drive, a share or a home folder.
 */
export function pathProblem(reference: string): Finding | undefined {
  const code = 'SL212';
  if (reference.length > LONGEST_PATH) return { code: 'SL211', message: 'no path is that long' };
  if (reference.includes('\0')) return { code, message: 'a path cannot hold a zero byte' };
  // `C:board.png` too: on Windows it is relative to the drive's current folder.
  if (/^(?:[a-z]:|[\\/])/i.test(reference))
    return { code, message: `${reference} is an absolute path`, hint: FROM_ITS_FOLDER };
  if (reference.startsWith('~'))
    return { code, message: '~ is not read as a home folder', hint: FROM_ITS_FOLDER };
  if (reference.includes('\\'))
    return { code, message: 'paths are written with /', hint: `write ${reference.replaceAll('\\', '/')}` };
  return undefined;
}

/**
 * A path as its file is called: an accented letter is one character or two, and a list that was edited on another system
 * may write the other form. Returns the composed form where both lead to one file, and `reference` where none does.
 */
export function pathAsOnDisk(reference: string, folder: string): string {
  const composed = reference.normalize('NFC');
  const forms = [...new Set([reference, composed, reference.normalize('NFD')])];
  if (forms.length === 1) return reference;
  const real = (form: string) => {
    const path = join(folder, form);
    return existsSync(path) ? realPathOf(path) : null;
  };
  const found = forms.find((form) => real(form) !== null) ?? reference;
  return real(composed) === real(found) ? composed : found;
}

/** The finding about a path that leads out of the tree. */
export function outsideTree(reference: string, hint?: string): Finding {
  return { code: 'SL212', message: `${reference} leads out of the shot list’s tree`, hint };
}

/** Path with links resolved; the same path if they cannot be resolved: reading the file then says why. */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** The folder of a file as the user named it; the real one if the file was reached by a link from another folder. */
export function shownFolder({ file, path }: Source): string {
  return realPathOf(dirname(file)) === dirname(path) ? dirname(file) : dirname(path);
}
