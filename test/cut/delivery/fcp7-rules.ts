import { all, type Element, numberOf, one, readXml, textOf } from './read-xml.js';

/** A clip on a track, with its range in the sequence. */
export interface ReadClip {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly in: number;
  readonly out: number;
}

/** A sequence as an editing program reads it. */
export interface ReadSequence {
  readonly element: Element;
  readonly length: number;
  readonly rate: string;
  readonly timecode: readonly [string, number, string];
  readonly video: readonly ReadClip[];
  readonly audio: readonly (readonly ReadClip[])[];
}

/**
 * Reads Final Cut Pro 7 XML by the rules of Apple's "Final Cut Pro XML Interchange Format" (version 5). Throws if a rule is
 * broken: required elements, unique ids, files described once before their first reference, in < out <= duration, ends
 * covered by transitions, links to existing clips.
 */
export function readFcp7(text: string): ReadSequence {
  const root = readXml(text);
  must(root.name === 'xmeml' && root.attributes.version === '5', 'xmeml version 5');
  const sequence = one(root, 'sequence');
  const tracks = {
    video: all(one(sequence, 'media', 'video'), 'track'),
    audio: all(one(sequence, 'media', 'audio'), 'track'),
  };
  for (const name of ['rate', 'width', 'height'])
    one(sequence, 'media', 'video', 'format', 'samplecharacteristics', name);
  checkIds(sequence);
  checkFiles([...tracks.video, ...tracks.audio]);
  for (const track of [...tracks.video, ...tracks.audio]) checkLinks(track, tracks);
  const timecode = one(sequence, 'timecode');
  const [pictures] = tracks.video;
  must(pictures !== undefined && tracks.video.length === 1, 'one track of pictures');
  return {
    element: sequence,
    length: numberOf(sequence, 'duration'),
    rate: rateOf(sequence),
    timecode: [textOf(timecode, 'string'), numberOf(timecode, 'frame'), textOf(timecode, 'displayformat')],
    video: pictures ? readTrack(pictures) : [],
    audio: tracks.audio.map(readTrack),
  };
}

function must(isTrue: boolean, rule: string): void {
  if (!isTrue) throw new Error(`broken rule: ${rule}`);
}

function rateOf(parent: Element): string {
  const ntsc = textOf(parent, 'rate', 'ntsc');
  must(ntsc === 'TRUE' || ntsc === 'FALSE', 'ntsc is TRUE or FALSE');
  return `${numberOf(parent, 'rate', 'timebase')}${ntsc === 'TRUE' ? ' ntsc' : ''}`;
}

/** Reads the clips of a track, which may overlap only under a transition. */
function readTrack(track: Element): readonly ReadClip[] {
  const items = track.children.filter(({ name }) => ['clipitem', 'transitionitem'].includes(name));
  const clips: ReadClip[] = [];
  for (const [index, item] of items.entries()) {
    if (item.name === 'transitionitem') {
      must(items[index - 1]?.name === 'clipitem' && items[index + 1]?.name === 'clipitem', 'between clips');
      must(numberOf(item, 'start') < numberOf(item, 'end'), 'a transition lasts');
      continue;
    }
    const fadeIn = items[index - 1]?.name === 'transitionitem' ? items[index - 1] : undefined;
    const fadeOut = items[index + 1]?.name === 'transitionitem' ? items[index + 1] : undefined;
    const start = edge(numberOf(item, 'start'), fadeIn && numberOf(fadeIn, 'start'));
    const end = edge(numberOf(item, 'end'), fadeOut && numberOf(fadeOut, 'end'));
    const [from, to] = [numberOf(item, 'in'), numberOf(item, 'out')];
    must(
      from >= 0 && from < to && to <= numberOf(item, 'duration'),
      `in < out <= duration in ${textOf(item, 'name')}`,
    );
    must(start >= (clips.at(-1)?.start ?? 0) && start < end, 'clips follow each other');
    if (!fadeIn) must(start >= (clips.at(-1)?.end ?? 0), 'no overlap without a transition');
    clips.push({ name: textOf(item, 'name'), start, end, in: from, out: to });
  }
  return clips;
}

function edge(said: number, covered: number | undefined): number {
  must((said === -1) === (covered !== undefined), '-1 under a transition, and nowhere else');
  return covered ?? said;
}

function checkIds(root: Element): void {
  const ids = new Set<string>();
  const visit = (element: Element): void => {
    const { id } = element.attributes;
    if (id !== undefined && element.name !== 'file') {
      must(!ids.has(id), `${id} is there once`);
      ids.add(id);
    }
    for (const child of element.children) visit(child);
  };
  visit(root);
}

function checkFiles(tracks: readonly Element[]): void {
  const known = new Set<string>();
  for (const file of tracks.flatMap((track) => all(track, 'clipitem')).map((item) => one(item, 'file'))) {
    const { id = '' } = file.attributes;
    if (file.children.length === 0) {
      must(known.has(id), `${id} is said before it is meant`);
      continue;
    }
    must(!known.has(id), `${id} is said once`);
    known.add(id);
    must(/^[\w.-]+$/.test(textOf(file, 'pathurl')), 'a bare name that needs no escapes');
    rateOf(file);
    one(file, 'timecode', 'displayformat');
    one(file, 'media', 'video', 'samplecharacteristics');
  }
}

function checkLinks(
  track: Element,
  tracks: { readonly video: readonly Element[]; readonly audio: readonly Element[] },
): void {
  for (const item of all(track, 'clipitem')) {
    const links = all(item, 'link');
    if (links.length > 0)
      must(
        links.some((link) => textOf(link, 'linkclipref') === item.attributes.id),
        'a clip links to itself',
      );
    for (const link of links) {
      const kind = textOf(link, 'mediatype') === 'video' ? tracks.video : tracks.audio;
      const there = kind[numberOf(link, 'trackindex') - 1];
      const meant = there && all(there, 'clipitem')[numberOf(link, 'clipindex') - 1];
      must(meant?.attributes.id === textOf(link, 'linkclipref'), 'a link leads to the clip it names');
    }
  }
}
