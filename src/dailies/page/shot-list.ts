import { formatCount } from '../../base/units.js';
import type { PageData, PageScene } from '../page-data.js';
import { h, setChildren } from './dom.js';
import type { Shot } from './film.js';
import { type Desk, ShotView } from './shot-view.js';

/** How far from the screen shots are made ready, and how far away their clips are let go, CSS pixels. */
const NEAR = '1200px 0px';
const FAR = '3000px 0px';

/** A film of so few shots is there from end to end soon after it was opened, to be searched, printed and scrolled at once. */
const FEW = 40;

interface SceneView {
  readonly id: string | null;
  /** How often the story has been in it before. */
  readonly time: number;
  readonly element: HTMLElement;
  readonly views: readonly ShotView[];
}

/** The shots by scene. Of a longer film only those near the screen have content, so that it opens at once. */
export class ShotList {
  readonly element = h('main', { id: 'shots', 'aria-label': 'Shots' });
  readonly views: ShotView[] = [];
  readonly #desk: Desk;
  readonly #ofElement = new Map<Element, ShotView>();
  #scenes: readonly SceneView[] = [];
  readonly #observers = [
    this.#observe(NEAR, (view) => view.fill()),
    this.#observe(
      '0px',
      (view) => view.see(),
      (view) => view.lose(),
    ),
    this.#observe(FAR, null, (view) => view.leave()),
  ];

  constructor(desk: Desk) {
    this.#desk = desk;
    // On paper everything is in sight.
    addEventListener('beforeprint', () => this.#fillAll());
  }

  /** Shows a film; what is there already is kept where the shots are the same. */
  show(data: PageData, shots: readonly Shot[]): void {
    const isSame =
      shots.length === this.views.length &&
      shots.every(({ shot }, at) => shot.id === this.views[at]?.shot.shot.id);
    if (isSame) this.#update(shots);
    else this.#build(data, shots);
  }

  /** Leaves those that the filter wants, and says how many. */
  filter(wanted: (shot: Shot) => boolean): number {
    let count = 0;
    for (const { element, views } of this.#scenes) {
      const shown = views.filter((view) => {
        view.element.hidden = !wanted(view.shot);
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
      const isNew = JSON.stringify(view.shot.shot) !== JSON.stringify(shot.shot);
      if (isNew) view.update(shot);
      else view.shot = shot;
    }
  }

  /** Another film: shots that were there before keep their place on the screen, and what they play. */
  #build(data: PageData, shots: readonly Shot[]): void {
    const before = new Map(this.views.map((view) => [view.shot.shot.id, view]));
    this.views.length = 0;
    for (const shot of shots) {
      const known = before.get(shot.shot.id);
      known?.update(shot);
      before.delete(shot.shot.id);
      this.views.push(known ?? this.#begin(shot));
    }
    for (const view of before.values()) this.#end(view);
    const times = new Map<string | null, number>();
    this.#scenes = data.scenes.map((scene) => {
      const time = times.get(scene.id) ?? 0;
      times.set(scene.id, time + 1);
      const known = this.#scenes.find((one) => one.id === scene.id && one.time === time);
      const views = this.views.filter(({ shot }) => shot.scene === scene);
      const head = sceneHead(scene);
      const element = known?.element ?? h('section', { class: 'scene' });
      setChildren(element, [head, ...views.map((view) => view.element)]);
      return { id: scene.id, time, element, views };
    });
    setChildren(
      this.element,
      this.#scenes.map(({ element }) => element),
    );
    const isShort = this.views.length <= FEW;
    this.element.classList.toggle('short', isShort);
    if (isShort) setTimeout(() => this.#fillAll());
  }

  #fillAll(): void {
    for (const view of this.views) view.fill();
    // What is made to be there at once is not to come after it.
    for (const image of this.element.querySelectorAll('img')) {
      image.loading = 'eager';
      image.decoding = 'auto';
    }
  }

  #begin(shot: Shot): ShotView {
    const view = new ShotView(shot, this.#desk);
    this.#ofElement.set(view.element, view);
    for (const observer of this.#observers) observer.observe(view.element);
    return view;
  }

  #end(view: ShotView): void {
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
  // Whoever goes from heading to heading finds the shots there as well.
  if (id === null) return h('h2', { class: 'unseen' }, 'Shots without a scene');
  const heading = h('h2', {}, h('span', { class: 'scene-id' }, `Scene ${id}`), title ?? '');
  return h(
    'header',
    { class: 'scene-head' },
    heading,
    h('span', { class: 'dim' }, formatCount(shots.length, 'shot')),
  );
}
