import type { PagePart, PagePicture, PageTake, PageVariant } from '../page-data.js';
import { button, create } from './dom.js';
import { askedFacts, clipFacts, showShape } from './facts.js';
import { formatTime, STATE_NAMES } from './format.js';
import { Player } from './player.js';

/** Element of a take: its clip, its facts, and the button that chooses it. */
export interface TakeCell {
  readonly element: HTMLElement;
  readonly player: Player;
  /** Id of its first part. */
  readonly id: string;
  /** Shows if the cut uses the take. */
  readonly setChosen: (isChosen: boolean) => void;
}

/** Options of a take's cell. */
export interface TakeCellOptions {
  readonly variant: PageVariant;
  readonly take: PageTake;
  readonly isChosen: boolean;
  /** True if other takes of the shot are of another model. */
  readonly showsModel: boolean;
  /** Null if there is no other take, or nothing can be chosen. */
  readonly onChoose: (() => void) | null;
}

/** Cells of a shot's board and end image, with the facts that were asked for. */
export function boardCell(take: PageTake): readonly HTMLElement[] {
  const { board, end } = take.parts[0];
  const shape = create('span', {}, board ? 'as the board' : 'not given');
  const asked = create(
    'figcaption',
    {},
    create('p', { class: 'cell-name' }, board?.lastOf ? `Last frame of ${board.lastOf}` : 'Board'),
    askedFacts(take, shape),
  );
  const first = create('figure', { class: 'cell board' }, framed(board, shape), asked);
  if (!end) return [first];
  const name = create('figcaption', {}, create('p', { class: 'cell-name' }, 'Ends on'));
  return [first, create('figure', { class: 'cell board' }, framed(end, null), name)];
}

function framed(picture: PagePicture | null, shape: HTMLElement | null): HTMLElement {
  if (!picture) return create('div', { class: 'frame' }, create('p', { class: 'absent' }, 'no board'));
  if (picture.src === null)
    return create('div', { class: 'frame' }, create('p', { class: 'absent' }, picture.label));
  const image = create('img', { src: picture.src, alt: picture.label, loading: 'lazy', decoding: 'async' });
  const frame = create('div', { class: 'frame' }, image);
  image.addEventListener('error', () => {
    frame.replaceChildren(create('p', { class: 'absent' }, `${picture.label} is missing`));
  });
  image.addEventListener('load', () => {
    if (shape) showShape(image, shape);
  });
  return frame;
}

/** Creates a take's cell. Its clip plays while the mouse is over it, and with sound after a click. */
export function takeCell(options: TakeCellOptions): TakeCell {
  const { take, showsModel } = options;
  const [first] = take.parts;
  const poster = first.stills.middle ?? first.stills.first;
  const video = create('video', { playsinline: true, preload: 'none', poster, tabindex: -1 });
  video.disablePictureInPicture = true;
  const player = new Player(take, video);
  const frame = create('div', { class: 'frame' });
  if (player.hasClip) fillFrame(frame, { options, player });
  else frame.append(create('p', { class: `absent state-${first.state}` }, absenceText(first)));
  const name = takeName(options);
  const caption = create('figcaption', {}, name.element, clipFacts(take, { showsModel }), flagList(take));
  const element = create('figure', { class: 'cell take' }, frame, caption);
  const setChosen = (isChosen: boolean) => {
    element.classList.toggle('chosen', isChosen);
    element.classList.toggle('marked', isChosen && options.variant.takes.length > 1);
    name.setChosen(isChosen);
  };
  setChosen(options.isChosen);
  return { element, player, id: first.id, setChosen };
}

/** Text in place of a missing clip. A rendered clip is missing if it was moved, or fetched on another machine only. */
function absenceText({ state }: PagePart): string {
  return state === 'done' ? 'rendered, but not here' : STATE_NAMES[state];
}

function fillFrame(
  frame: HTMLElement,
  { options, player }: { readonly options: TakeCellOptions; readonly player: Player },
): void {
  const { video } = player;
  const clock = create('span', { class: 'clock', 'aria-hidden': 'true' });
  const sound = button('', { class: 'play', label: `Play ${titleOf(options)} with sound`, onClick: toggle });
  frame.append(video, sound, clock);
  video.addEventListener('timeupdate', () => {
    clock.textContent = formatTime(player.time);
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
  let hoverTimer = 0;
  frame.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType !== 'mouse' || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    hoverTimer = window.setTimeout(() => {
      if (player.isPlaying) return;
      video.muted = true;
      void player.play();
    }, HOVER_MS);
  });
  frame.addEventListener('pointerleave', ({ pointerType }) => {
    clearTimeout(hoverTimer);
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

/** Milliseconds that the mouse must stay over a clip before it plays, so that scrolling past plays nothing. */
const HOVER_MS = 120;

/** Pauses every other clip that plays with sound. */
export function silenceOthers(video: HTMLVideoElement | null): void {
  for (const other of document.querySelectorAll('video')) {
    if (other !== video && !other.paused && !other.muted) other.pause();
  }
}

function titleOf({ variant, take }: TakeCellOptions): string {
  return variant.takes.length > 1 ? `${variant.id}, take ${take.take}` : variant.id;
}

/** Name of a take: the label of its variant, if any, and a button with its number that chooses it. */
function takeName({ variant, take, onChoose }: TakeCellOptions): Pick<TakeCell, 'element' | 'setChosen'> {
  const element = create('p', { class: 'cell-name' });
  if (variant.label !== null) element.append(create('span', { class: 'variant' }, variant.label));
  if (variant.takes.length === 1) {
    if (variant.label === null) element.append('Clip');
    return { element, setChosen: () => {} };
  }
  const text = `Take ${take.take}`;
  const label = `Use take ${take.take} of ${variant.id}`;
  const choose = onChoose && button(text, { class: 'choose', label, onClick: onChoose });
  const inCut = create('span', { class: 'in-cut' }, 'in the cut');
  element.append(choose ?? text, inCut);
  const setChosen = (isChosen: boolean) => {
    inCut.hidden = !isChosen;
    choose?.setAttribute('aria-pressed', String(isChosen));
  };
  return { element, setChosen };
}

function flagList({ parts }: PageTake): HTMLElement | false {
  const flags = parts.flatMap((part) => part.flags);
  if (flags.length === 0) return false;
  return create(
    'ul',
    { class: 'flags', 'aria-label': 'Flags' },
    ...flags.map((flag) => create('li', {}, flag)),
  );
}
