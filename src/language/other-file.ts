import { posix } from 'node:path';
import { isText } from '../base/files.js';
import { shellWord } from '../base/text.js';

/** A file that is named as an image or a video, and is something else. */
export interface OtherFile {
  /** End of a sentence about the file, such as `is a Git LFS pointer`. */
  readonly is: string;
  /** Way out. */
  readonly hint: string;
}

/** Kind of file by its first bytes, whatever its name. */
interface Kind {
  readonly begins: RegExp;
  readonly is: string;
  /** `file` and `to` are words of a shell; `to` names the file with another ending. */
  readonly hint: string | ((file: string, to: (extension: string) => string) => string);
}

const EXPORT = 'export the picture from the program that made it, as PNG';

/** Kinds that people have beside their boards, most exact first. The bytes are matched as Latin-1 text. */
const KINDS: readonly Kind[] = [
  {
    begins: /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\//,
    is: 'is a Git LFS pointer, and not the file itself',
    hint: 'fetch the files that pointers stand for: git lfs pull',
  },
  {
    begins: /^(?:\.\.\/)*\.?(?:git)?\/annex\/objects\//,
    is: 'is a git-annex pointer, and not the file itself',
    hint: (file) => `fetch the file: git annex get ${file}`,
  },
  {
    begins: /^.{8}Mac OS X {8}/s,
    is: 'holds what macOS notes about another file',
    hint: 'name the file without `._` at its beginning',
  },
  {
    // The brand, or one of the compatible brands after it.
    begins: /^.{4}ftyp(?:avif|avis|(?:mif1|msf1).{4}(?:.{4}){0,12}?avi[fs])/s,
    is: 'is an AVIF image',
    hint: (file, to) => `convert it: ffmpeg -i ${file} ${to('png')}`,
  },
  {
    begins: /^.{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)/s,
    is: 'is a HEIC image, as phones take them',
    hint: (file, to) =>
      `convert it: sips -s format jpeg ${file} --out ${to('jpg')} on a Mac, heif-convert ${file} ${to('jpg')} elsewhere`,
  },
  { begins: /^.{4}ftypcrx /s, is: 'is a camera’s raw image', hint: EXPORT },
  {
    begins: /^(?:.{4}(?:ftyp|moov|mdat|wide)|.E\xdf\xa3|RIFF.{4}AVI )/s,
    is: 'is a video',
    hint: (file, to) => `take a picture out of it: ffmpeg -i ${file} -frames:v 1 ${to('png')}`,
  },
  {
    begins: /^(?:II[*+]\0|MM\0[*+])/,
    is: 'is a TIFF, or a camera’s raw image',
    hint: (file, to) => `convert it: ffmpeg -i ${file} ${to('png')}`,
  },
  {
    begins: /^GIF8/,
    is: 'is in the GIF format',
    hint: (file, to) => `convert it: ffmpeg -i ${file} -frames:v 1 ${to('png')}`,
  },
  {
    begins: /^8BPS/,
    is: 'is a Photoshop document',
    hint: (file, to) => `export it as PNG, or: magick ${file}'[0]' ${to('png')}`,
  },
  {
    begins: /^%PDF-/,
    is: 'is a PDF',
    hint: (file, to) => `convert its pages: pdftoppm -png -r 200 ${file} ${to('page')}`,
  },
  { begins: /^%!PS|^\xc5\xd0\xd3\xc6/, is: 'is a PostScript document', hint: EXPORT },
  {
    begins: /^(?:\xff\n|.{4}JXL )/s,
    is: 'is a JPEG XL image',
    hint: (file, to) => `convert it: djxl ${file} ${to('png')}`,
  },
  {
    begins: /^(?:.{4}jP {2}|\xffO\xffQ)/s,
    is: 'is a JPEG 2000 image',
    hint: (file, to) => `convert it: ffmpeg -i ${file} ${to('png')}`,
  },
  { begins: /^(?:v\/1[^ -~]|#\?R)/, is: 'is an image with a high dynamic range', hint: EXPORT },
  { begins: /^(?:gimp xcf|BLENDER|DDS |SIMPLE {2}=)/, is: 'is a document of another program', hint: EXPORT },
  {
    begins: /^PK[^ -~]{2}/,
    is: 'is a ZIP archive, or a document that is one',
    hint: 'unpack it, or export the picture as PNG',
  },
  {
    begins: /^(?:Rar!|7z\xbc\xaf|[^ -~]\x8b)/,
    is: 'is an archive',
    hint: 'unpack it, and name the picture in it',
  },
  {
    begins: /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!doctype svg[^>]*>\s*)*<svg[\s>]/is,
    is: 'is an SVG drawing',
    hint: (file, to) => `convert it: rsvg-convert -w 1920 ${file} -o ${to('png')}`,
  },
  {
    begins:
      /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype html|html|head|body|script|title|meta)/is,
    is: 'is a web page, and not the file that it shows or links to',
    hint: 'save the picture itself: often the page asks for a login, or has a button for the download',
  },
  {
    begins: /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*>\s*<Error>/is,
    is: 'is a store’s message that it did not give the file',
    hint: 'fetch it again, with a link that is still valid',
  },
];

/** Recognises the bytes of a file that no image reader takes; undefined for unknown ones. */
export function otherFile(bytes: Buffer, reference: string): OtherFile | undefined {
  const start = bytes.subarray(0, 1024);
  const kind = KINDS.find(({ begins }) => begins.test(start.toString('latin1')));
  if (kind) {
    const { is, hint } = kind;
    const to = (extension: string) => shellWord(withEnding(reference, extension));
    return { is, hint: typeof hint === 'string' ? hint : hint(shellWord(reference), to) };
  }
  if (start.every((byte) => byte === 0))
    return { is: 'begins with zeros: it was never copied whole', hint: 'copy it again' };
  return isText(start) ? { is: 'is a text, not an image', hint: 'name the image itself' } : undefined;
}

/** An animated image: APNG or WebP. */
export function animation(format: string, reference: string): OtherFile {
  const file = shellWord(reference);
  const still = shellWord(withEnding(reference, format));
  const command =
    format === 'webp' ? `webpmux -get frame 1 ${file} -o ${still}` : `ffmpeg -i ${file} -frames:v 1 ${still}`;
  return { is: 'is animated: only a still picture is taken', hint: `take one picture out of it: ${command}` };
}

/** Path with another ending; a file that has this ending gets another name, so that it stays. */
function withEnding(path: string, extension: string): string {
  const { dir, name, ext } = posix.parse(path);
  const stem = ext.toLowerCase() === `.${extension}` ? `${name}-converted` : name;
  return posix.join(dir, `${stem}.${extension}`);
}
