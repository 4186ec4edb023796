import type { PagePart, PagePicture, PageTake, PageVariant } from '../page-data.js';
import { button, h } from './dom.js';
import { askedFacts, gotFacts, tellShape } from './facts.js';
import { Player } from './player.js';
import { inMinutes, STATES } from './words.js';

/** A take's place in a shot: its clip, what came, and the button that chooses it. */
export interface TakeCell {
  readonly element: HTMLElement;
  readonly player: Player;
  /** Of its first part. */
  readonly id: string;
  /** Shows whether the cut uses it. */
  readonly mark: (isChosen: boolean) => void;
}

export interface TakeCellOptions {
  readonly variant: PageVariant;
  readonly take: PageTake;
  readonly isChosen: boolean;
  /** Whether others beside it are of another model. */
  readonly isOwnModel: boolean;
  /** Null where it is the only one, or nothing can be chosen. */
  readonly onChoose: (() => void) | null;
}

/** The board of a shot and what was asked for. */
export function boardCell(take: PageTake): readonly HTMLElement[] {
  const { board, end } = take.parts[0];
  const shape = h('span', {}, board ? 'as the board' : 'not said');
  const asked = h(
    'figcaption',
    {},
    h('p', { class: 'cell-name' }, board?.lastOf ? `Where ${board.lastOf} ended` : 'Board'),
    askedFacts(take, shape),
  );
  const first = h('figure', { class: 'cell board' }, framed(board, shape), asked);
  if (!end) return [first];
  const name = h('figcaption', {}, h('p', { class: 'cell-name' }, 'Ends on'));
  return [first, h('figure', { class: 'cell board' }, framed(end, null), name)];
}

function framed(picture: PagePicture | null, shape: HTMLElement | null): HTMLElement {
  if (!picture) return h('div', { class: 'frame' }, h('p', { class: 'absent' }, 'no board'));
  if (picture.src === null) return h('div', { class: 'frame' }, h('p', { class: 'absent' }, picture.label));
  const image = h('img', { src: picture.src, alt: picture.label, loading: 'lazy', decoding: 'async' });
  const frame = h('div', { class: 'frame' }, image);
  image.addEventListener('error', () => {
    frame.replaceChildren(h('p', { class: 'absent' }, `${picture.label} is not there`));
  });
  image.addEventListener('load', () => {
    if (shape) tellShape(image, shape);
  });
  return frame;
}

/** A take's cell; its clip plays under the mouse, and with sound when it is clicked. */
export function takeCell(options: TakeCellOptions): TakeCell {
  const { take, isOwnModel } = options;
  const [first] = take.parts;
  const poster = first.stills.middle ?? first.stills.first;
  const video = h('video', { playsinline: true, preload: 'none', poster, tabindex: -1 });
  video.disablePictureInPicture = true;
  const player = new Player(take, video);
  const frame = h('div', { class: 'frame' });
  if (player.isHere) fillFrame(frame, { options, player });
  else frame.append(h('p', { class: `absent state-${first.state}` }, whyAbsent(first)));
  const name = nameOf(options);
  const caption = h('figcaption', {}, name.element, gotFacts(take, { isOwnModel }), flagsOf(take));
  const element = h('figure', { class: 'cell take' }, frame, caption);
  const mark = (isChosen: boolean) => {
    element.classList.toggle('chosen', isChosen);
    element.classList.toggle('marked', isChosen && options.variant.takes.length > 1);
    name.mark(isChosen);
  };
  mark(options.isChosen);
  return { element, player, id: first.id, mark };
}

/** A clip that was rendered and is not here has been moved away, or stands in the manifest of another machine. */
function whyAbsent({ state }: PagePart): string {
  return state === 'done' ? 'rendered, but not here' : STATES[state];
}

function fillFrame(
  frame: HTMLElement,
  { options, player }: { readonly options: TakeCellOptions; readonly player: Player },
): void {
  const { video } = player;
  const clock = h('span', { class: 'clock', 'aria-hidden': 'true' });
  const sound = button('', { class: 'play', label: `Play ${titleOf(options)} with sound`, onClick: toggle });
  frame.append(video, sound, clock);
  video.addEventListener('timeupdate', () => {
    clock.textContent = inMinutes(player.time);
  });
  video.addEventListener('error', () => {
    if (video.getAttribute('src') !== null) frame.classList.add('broken');
  });
  for (const name of ['play', 'pause', 'volumechange'] as const) {
    video.addEventListener(name, () => {
      frame.classList.toggle('playing', !video.paused);
      frame.classList.toggle('loud', !video.paused && !video.muted);
    });
  }
  let resting = 0;
  frame.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType !== 'mouse' || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    resting = window.setTimeout(() => {
      if (player.isPlaying) return;
      video.muted = true;
      void player.play();
    }, RESTING);
  });
  frame.addEventListener('pointerleave', ({ pointerType }) => {
    clearTimeout(resting);
    if (pointerType === 'mouse' && video.muted) player.pause();
  });
  function toggle(): void {
    const isLoud = player.isPlaying && !video.muted;
    silenceOthers(video);
    if (isLoud) player.pause();
    else {
      video.muted = false;
      void player.play();
    }
  }
}

/** How long a mouse is over a clip before that plays, milliseconds: who scrolls does not want each that passes under it. */
const RESTING = 120;

/** One at a time is heard. */
export function silenceOthers(video: HTMLVideoElement | null): void {
  for (const other of document.querySelectorAll('video')) {
    if (other !== video && !other.paused && !other.muted) other.pause();
  }
}

function titleOf({ variant, take }: TakeCellOptions): string {
  return variant.takes.length > 1 ? `${variant.id}, take ${take.take}` : variant.id;
}

/** The take's number, which is the button that chooses it; the variant's name where there are several. */
function nameOf({ variant, take, onChoose }: TakeCellOptions): Pick<TakeCell, 'element' | 'mark'> {
  const element = h('p', { class: 'cell-name' });
  if (variant.label !== null) element.append(h('span', { class: 'variant' }, variant.label));
  if (variant.takes.length === 1) {
    if (variant.label === null) element.append('Clip');
    return { element, mark: () => {} };
  }
  const text = `Take ${take.take}`;
  const label = `Use take ${take.take} of ${variant.id}`;
  const choose = onChoose && button(text, { class: 'choose', label, onClick: onChoose });
  const inCut = h('span', { class: 'in-cut' }, 'in the cut');
  element.append(choose ?? text, inCut);
  const mark = (isChosen: boolean) => {
    inCut.hidden = !isChosen;
    choose?.setAttribute('aria-pressed', String(isChosen));
  };
  return { element, mark };
}

function flagsOf({ parts }: PageTake): HTMLElement | false {
  const flags = parts.flatMap((part) => part.flags);
  if (flags.length === 0) return false;
  return h('ul', { class: 'flags', 'aria-label': 'Flags' }, ...flags.map((flag) => h('li', {}, flag)));
}
