import { formatCount } from '../../base/units.js';
import type { PageData, PageScene, PageTake } from '../page-data.js';
import { create, setChildren } from './dom.js';
import type { Shot } from './film.js';
import { type ShotActions, ShotView } from './shot-view.js';
import { takeCell } from './take-cell.js';

/** Distance from the screen at which shots get content, and beyond which their clips are freed, CSS pixels. */
const NEAR = '1200px 0px';
const FAR = '3000px 0px';

/** Maximum of shots that all get content when the page opens, for the browser's own search and for printing. */
const SHORT_FILM = 40;

/** A scene on the page. */
interface SceneView {
  readonly id: string | null;
  /** Number of earlier appearances of the scene in the story. */
  readonly appearance: number;
  readonly element: HTMLElement;
  readonly views: readonly ShotView[];
}

/** Shots by scene. In a long film only the shots near the screen have content. */
export class ShotList {
  readonly element = create('main', { id: 'shots', 'aria-label': 'Shots' });
  readonly views: ShotView[] = [];
  readonly #actions: ShotActions;
  readonly #ofElement = new Map<Element, ShotView>();
  #scenes: readonly SceneView[] = [];
  readonly #observers = [
    this.#observe(NEAR, (view) => view.fill()),
    this.#observe(
      '0px',
      (view) => view.entered(),
      (view) => view.left(),
    ),
    this.#observe(FAR, null, (view) => view.unloadClips()),
  ];

  constructor(actions: ShotActions) {
    this.#actions = actions;
    // Paper shows every shot.
    addEventListener('beforeprint', () => this.#fillAll());
  }

  /** Shows a film; reuses the views of shots that are already there. */
  show(data: PageData, shots: readonly Shot[]): void {
    const isSame =
      shots.length === this.views.length &&
      shots.every(({ shot }, at) => shot.id === this.views[at]?.shot.shot.id);
    if (isSame) this.#update(shots);
    else this.#rebuild(data, shots);
  }

  /** Hides the shots that do not match; returns the number of matching shots. */
  filter(isMatch: (shot: Shot) => boolean): number {
    let count = 0;
    for (const { element, views } of this.#scenes) {
      const shown = views.filter((view) => {
        view.element.hidden = !isMatch(view.shot);
        return !view.element.hidden;
      });
      element.hidden = shown.length === 0;
      count += shown.length;
    }
    return count;
  }

  #update(shots: readonly Shot[]): void {
    for (const [at, shot] of shots.entries()) {
      const view = this.views[at];
      if (!view) continue;
      const isChanged = JSON.stringify(view.shot.shot) !== JSON.stringify(shot.shot);
      if (isChanged) view.update(shot);
      else view.shot = shot;
    }
  }

  /** Builds another film. Shots that were there before keep their elements and go on playing. */
  #rebuild(data: PageData, shots: readonly Shot[]): void {
    const before = new Map(this.views.map((view) => [view.shot.shot.id, view]));
    this.views.length = 0;
    for (const shot of shots) {
      const known = before.get(shot.shot.id);
      known?.update(shot);
      before.delete(shot.shot.id);
      this.views.push(known ?? this.#addView(shot));
    }
    for (const view of before.values()) this.#removeView(view);
    const appearances = new Map<string | null, number>();
    this.#scenes = data.scenes.map((scene) => {
      const appearance = appearances.get(scene.id) ?? 0;
      appearances.set(scene.id, appearance + 1);
      const known = this.#scenes.find((one) => one.id === scene.id && one.appearance === appearance);
      const views = this.views.filter(({ shot }) => shot.scene === scene);
      const head = sceneHead(scene);
      const element = known?.element ?? create('section', { class: 'scene' });
      setChildren(element, [head, ...views.map((view) => view.element)]);
      return { id: scene.id, appearance, element, views };
    });
    setChildren(
      this.element,
      this.#scenes.map(({ element }) => element),
    );
    const isShort = this.views.length <= SHORT_FILM;
    this.element.classList.toggle('short', isShort);
    if (isShort) setTimeout(() => this.#fillAll());
  }

  #fillAll(): void {
    for (const view of this.views) view.fill();
    // Printing and searching need the pictures immediately.
    for (const image of this.element.querySelectorAll('img')) {
      image.loading = 'eager';
      image.decoding = 'auto';
    }
  }

  #addView(shot: Shot): ShotView {
    const view = new ShotView(shot, this.#actions);
    this.#ofElement.set(view.element, view);
    for (const observer of this.#observers) observer.observe(view.element);
    return view;
  }

  #removeView(view: ShotView): void {
    for (const observer of this.#observers) observer.unobserve(view.element);
    this.#ofElement.delete(view.element);
    view.empty();
  }

  #observe(
    rootMargin: string,
    onEnter: ((view: ShotView) => void) | null,
    onLeave: (view: ShotView) => void = () => {},
  ): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const view = this.#ofElement.get(target);
          if (!view) continue;
          if (!isIntersecting) onLeave(view);
          else onEnter?.(view);
        }
      },
      { rootMargin },
    );
  }
}

function sceneHead({ id, title, shots }: PageScene): HTMLElement {
  // Screen readers go from heading to heading, so shots without a scene have one too.
  if (id === null) return create('h2', { class: 'unseen' }, 'Shots without a scene');
  const heading = create('h2', {}, create('span', { class: 'scene-id' }, `Scene ${id}`), title ?? '');
  return create(
    'header',
    { class: 'scene-head' },
    heading,
    create('span', { class: 'dim' }, formatCount(shots.length, 'shot')),
  );
}

/** Section of the clips from earlier versions of the list, which are in no cut. Filled when it is opened. */
export function unlistedSection(takes: readonly PageTake[]): HTMLElement {
  const strip = create('div', { class: 'strip' });
  const count = formatCount(takes.length, 'clip');
  const details = create(
    'details',
    { class: 'unlisted' },
    create('summary', {}, `From earlier versions of the list: ${count}`),
    strip,
  );
  details.addEventListener('toggle', () => {
    if (!details.open || strip.childElementCount > 0) return;
    strip.append(...takes.map(unlistedCell));
  });
  return details;
}

function unlistedCell(take: PageTake): HTMLElement {
  const { id } = take.parts[0];
  const variant = { id, label: id, takes: [take] };
  const { element, player } = takeCell({ variant, take, isChosen: false, showsModel: true, onChoose: null });
  player.showFrame();
  return element;
}
