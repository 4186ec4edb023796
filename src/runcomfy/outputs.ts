import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { lettersAndDigits } from './meanings.js';
import { mayServe } from './result-file.js';
import { redact, type Wire } from './wire.js';

/** Part of the connection that decides from where a result may be fetched. */
export type ResultHosts = Pick<Wire, 'base' | 'allowedHosts'>;

/** A request makes one clip; an answer with thousands of URLs would fill record and disk. Our choice. */
const MOST_OUTPUTS = 64;
/** Values of one answer that are searched; a hostile answer has millions. Our choice. */
const MOST_VALUES = 20_000;

/** Part of a text that is searched, characters: a text with megabytes is the file itself. Our choice. */
const LONGEST_TEXT = 4096;

/** The documented fields of `output`. */
const DOCUMENTED = ['video', 'videos', 'image', 'images'];

const WEB = /^https?:\/\//i;
const VIDEO = /\.(?:mp4|m4v|mov|webm|mkv|avi)$/i;
/** A path to a video, without a host. */
const PATH = /^[^\s:?#]*\/[^\s:?#]*\.(?:mp4|m4v|mov|webm|mkv|avi)(?:[?#]\S*)?$/i;
const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|avif|heic|svg)$/i;
const NEITHER = /\.(?:json|txt|html?|xml|srt|vtt|mp3|wav|m4a|aac|flac|js|css|pdf|md|m3u8|mpd)$/i;

const SAYS_VIDEO = /video|movie|clip|film|mp4|webm|quicktime/;
const SAYS_PICTURE = /image|picture|photo|png|jpe?g|thumb|cover|poster|snapshot|frame|still/;
/** Companions of a clip: used only if there is nothing else. */
const BESIDE = /thumb|cover|poster|preview|watermark|sample|proxy|snapshot/;

/** Fields, by the letters of their names, that repeat what was sent or explain something. */
const NO_RESULT =
  /^(?:inputs?|params|parameters|args|arguments|prompt|elements|error|log|docs|webhook|callback)|input$/;
/** Fields for the images with which a request begins, and for references; not `last_clip`. */
const SENT =
  /^(?:reference|frontal|(?:start|end|first|last|tail|init)(?!\w*(?:[Cc]lip|[Oo]utput|[Rr]esult)))(?:_|[A-Z]|$)/;
/** Fields with links for people, or to the API: a link in them counts only if it ends like a video, or in an output without a better one. */
const PAGE =
  /^(?:(?:status|result|response|cancel)(?:url|uri|link)|get|self|web|stream|share|page|site|pricing|playground|dashboard|help|message|msg|detail|note|description)/;
/** The API's own pages, such as that of `status_url`. */
const PAGE_PATH = /\/(?:status|result|cancel)\/?$|\/(?:requests|models)\/[^/]+\/?$/;
/** Fields that say of what kind an object's link is. */
const KIND = /^(?:content|mime|media|file)?type$|^(?:mime|format|kind|role|label|name|filename)$/;

/** True if a link ends like a picture. */
export function isPicture(url: string): boolean {
  return URL.canParse(url) && PICTURE.test(new URL(url).pathname);
}

/**
 * Links of the result in an answer, videos before pictures, in the service's order, each once. `outputs` are its `output`
 * fields. Where their documented fields name no video that may be fetched, every link in the answer counts that may, in whatever
 * shape it comes. Links on other hosts are used if there is nothing else: the refusal of such a host says what to do.
 */
export function outputUrlsIn(
  json: Json,
  { outputs, hosts }: { readonly outputs: readonly Json[]; readonly hosts: ResultHosts },
): readonly string[] {
  const documented = outputs.flatMap((output) => (isObject(output) ? documentedIn(output) : []));
  const clips = documented.filter((url) => !isPicture(url));
  const isAllowed = (url: string) => mayServe(new URL(url), hosts.base, hosts.allowedHosts);
  if (clips.some(isAllowed)) return unique(documented);
  const search = new Search(hosts);
  search.searchIn(json, []);
  const videos = search.videos();
  if (clips.length > 0) return unique(videos.some(isAllowed) ? videos.filter(isAllowed) : documented);
  return unique(videos.length > 0 ? videos : [...documented, ...search.pictures()]);
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls)].slice(0, MOST_OUTPUTS);
}

function documentedIn(output: JsonObject): readonly string[] {
  return DOCUMENTED.flatMap((name) => {
    const value = output[name];
    const items = isList(value) ? value : [value];
    return items
      .map((item) => (isObject(item) ? item.url : item))
      .filter((url) => typeof url === 'string')
      .filter((url) => WEB.test(url) && URL.canParse(url));
  });
}

/** A link that was found in an answer. */
interface Found {
  readonly url: string;
  readonly kind: 'video' | 'picture' | 'unclear';
  readonly isBeside: boolean;
  readonly isOutput: boolean;
  /** False for a link on another host. */
  readonly isAllowed: boolean;
}

/** Finds links in JSON of any shape. `names` are those of the fields around a value, the nearest first. */
class Search {
  readonly #hosts: ResultHosts;
  readonly #found: Found[] = [];
  /** Links made of paths without a host. */
  readonly #paths: string[] = [];
  #left = MOST_VALUES;

  constructor(hosts: ResultHosts) {
    this.#hosts = hosts;
  }

  searchIn(value: Json, names: readonly string[]): void {
    this.#left -= 1;
    if (this.#left < 0) return;
    if (typeof value === 'string') this.#read(value.trim(), names);
    else if (isList(value)) for (const item of value) this.searchIn(item, names);
    else if (isObject(value)) this.#searchObject(value, names);
  }

  /** Links that may be fetched and are videos, or else may be videos; without any, links on other hosts. */
  videos(): readonly string[] {
    const all = this.#found.filter(({ kind }) => kind !== 'picture');
    const allowed = all.filter(({ isAllowed }) => isAllowed);
    const best =
      allowed.length > 0 ? allowed : all.filter(({ kind, isOutput }) => kind === 'video' || isOutput);
    const videos = best.filter(({ kind }) => kind === 'video');
    const hasMain = best.some(({ isBeside }) => !isBeside);
    if (!hasMain && this.#paths.length > 0) return this.#paths;
    return mainOnes(videos.length > 0 ? videos : best);
  }

  /** Links to pictures that may be fetched. */
  pictures(): readonly string[] {
    return mainOnes(this.#found.filter(({ kind, isAllowed }) => kind === 'picture' && isAllowed));
  }

  #searchObject(object: JsonObject, names: readonly string[]): void {
    const fields = Object.entries(object);
    const kinds = fields.flatMap(([name, value]) =>
      typeof value === 'string' && KIND.test(lettersAndDigits(name))
        ? [value.slice(0, 100).toLowerCase()]
        : [],
    );
    for (const [name, value] of fields) {
      if (WEB.test(name)) this.#add(name, names);
      const letters = lettersAndDigits(name);
      if (!NO_RESULT.test(letters) && !SENT.test(name)) this.searchIn(value, [letters, ...kinds, ...names]);
    }
  }

  #read(text: string, names: readonly string[]): void {
    const json = jsonIn(text);
    const short = text.slice(0, LONGEST_TEXT);
    if (json !== undefined) this.searchIn(json, names);
    else if (WEB.test(text) && !/\s/.test(text)) {
      for (const url of text.split(/[,;|](?=https?:\/\/)/i)) this.#add(url, names);
    } else if (PATH.test(short)) this.#addPath(short, names);
    else {
      for (const [url] of short.matchAll(/https?:\/\/[^\s"'<>`\\]+/gi)) {
        this.#add(url.replace(/[.,;:!?)\]}*]+$/, ''), names);
      }
    }
  }

  #add(text: string, names: readonly string[]): void {
    if (!URL.canParse(text)) return;
    const named = new URL(text);
    // Most hosts are allowed only with https, and have it.
    const safe = new URL(text.replace(/^http:/i, 'https:'));
    const url = !this.#isAllowed(named) && this.#isAllowed(safe) ? safe : named;
    const { pathname, hostname, href } = url;
    const isVideo = VIDEO.test(pathname);
    const isCalledPage = PAGE.test(names[0] ?? '') && !isVideo;
    const isInOutput = names.slice(1).some((name) => name.startsWith('output'));
    const isPage = PAGE_PATH.test(pathname) || (isCalledPage && !isInOutput);
    if (NEITHER.test(pathname) || (isPage && !isVideo)) return;
    const kind = isVideo ? 'video' : PICTURE.test(pathname) ? 'picture' : kindByNames(names);
    // The service's web site is in the same domain as its files.
    if (kind === 'unclear' && hostname.startsWith('www.')) return;
    const isBeside =
      isCalledPage || [...names, pathname.slice(pathname.lastIndexOf('/'))].some((name) => BESIDE.test(name));
    const isOutput = names.some((name) => /output|result/.test(name));
    this.#found.push({ url: href, kind, isBeside, isOutput, isAllowed: this.#isAllowed(url) });
  }

  /** Adds a link without its scheme, or a path at the API's host. */
  #addPath(text: string, names: readonly string[]): void {
    const hosted = `https://${text}`;
    if (URL.canParse(hosted) && this.#isAllowed(new URL(hosted))) this.#add(hosted, names);
    else if (URL.canParse(text, this.#hosts.base.origin)) {
      this.#paths.push(new URL(text, this.#hosts.base.origin).href);
    }
  }

  #isAllowed(url: URL): boolean {
    return mayServe(url, this.#hosts.base, this.#hosts.allowedHosts);
  }
}

/** The links without previews and the like; all links if there are only such. */
function mainOnes(found: readonly Found[]): readonly string[] {
  const main = found.filter(({ isBeside }) => !isBeside);
  return (main.length > 0 ? main : found).map(({ url }) => url);
}

function kindByNames(names: readonly string[]): Found['kind'] {
  for (const name of names) {
    if (SAYS_PICTURE.test(name)) return 'picture';
    if (SAYS_VIDEO.test(name)) return 'video';
  }
  return 'unclear';
}

/** JSON that a text holds, such as a whole answer inside an answer, not too deep; undefined for any other text. */
export function jsonIn(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return redact(JSON.parse(text) as Json, (words) => words);
  } catch {
    return undefined;
  }
}
