import type { Output } from '../manifest/manifest.js';
import { isVideo } from '../media/facts.js';
import {
  type ChainedFrame,
  isChainedFrame,
  isLocalMedia,
  isVersionedUrl,
  type NativeInput,
  type NativeValue,
} from '../models/native-input.js';
import type { KeyState, KeyStates } from './records/render.js';

/** A chained frame as it was sent. */
export interface TakenFrame extends ChainedFrame {
  /** SHA-256 of the picture, 64 hex digits. */
  readonly sha256: string;
  readonly type: 'image/png' | 'image/jpeg';
  /** SHA-256 of the clip whose last picture it is. */
  readonly clip_sha256: string;
}

/** True if a chained frame has the hashes of a taken one. A manifest may say anything. */
export function isTaken(frame: ChainedFrame): frame is TakenFrame {
  const { sha256, clip_sha256 } = frame as Partial<TakenFrame>;
  return typeof sha256 === 'string' && typeof clip_sha256 === 'string';
}

/** The chained frames in an input, in its order. */
export function chainedFrames(input: NativeInput): readonly ChainedFrame[] {
  const found: ChainedFrame[] = [];
  collectFrames(input, found);
  return found;
}

function collectFrames(value: NativeInput, found: ChainedFrame[]): void {
  for (const name in value) {
    const part = value[name];
    if (typeof part !== 'object' || part === null) continue;
    if (isChainedFrame(part)) found.push(part);
    else collectFrames(part as NativeInput, found);
  }
}

/** The input with each chained frame replaced. */
export function replaceFrames(
  input: NativeInput,
  replace: (frame: ChainedFrame) => ChainedFrame,
): NativeInput {
  const walk = (value: NativeValue): NativeValue => {
    if (typeof value !== 'object' || value === null) return value;
    if (isLocalMedia(value) || isVersionedUrl(value)) return value;
    if (isChainedFrame(value)) return replace(value);
    return Array.isArray(value) ? value.map(walk) : replaceFrames(value as NativeInput, replace);
  };
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, walk(value)]));
}

/** Clip that other shots are chained to: the first video of a submission that is done; null if it is not done. */
export function clipOf(known: KeyState | undefined): Output | null {
  if (known?.state !== 'done') return null;
  return known.outputs.find(({ media }) => media && isVideo(media)) ?? known.outputs[0] ?? null;
}

/** First chained frame of a sent submission whose clip was rendered again since; null if there is none. */
export function staleFrame(known: KeyState, keyStates: KeyStates): ChainedFrame | null {
  const isStale = (frame: ChainedFrame) => {
    const clip = clipOf(keyStates.get(frame.key));
    return clip !== null && isTaken(frame) && clip.sha256 !== frame.clip_sha256;
  };
  return chainedFrames(known.submission.input).find(isStale) ?? null;
}

/** Something that is chained to the last frames of other keys. */
export interface Link {
  readonly key: string;
  readonly frames: readonly ChainedFrame[];
}

/** Links that are chained to each key, in their order. */
export function dependentsOf<L extends Link>(links: Iterable<L>): ReadonlyMap<string, readonly L[]> {
  const dependents = new Map<string, L[]>();
  for (const link of links) {
    for (const key of new Set(link.frames.map((frame) => frame.key))) {
      const known = dependents.get(key);
      if (known) known.push(link);
      else dependents.set(key, [link]);
    }
  }
  return dependents;
}

/**
 * Keys that are chained to the keys of `first`, directly or not, each with the frame it was reached by. `passes` is true
 * for a link that is affected; only its dependents are looked at. Without recursion: chains may be thousands long.
 */
export function chainedTo<L extends Link>(
  dependents: ReadonlyMap<string, readonly L[]>,
  { first, passes }: { readonly first: Iterable<string>; readonly passes: (link: L) => boolean },
): ReadonlyMap<string, ChainedFrame> {
  const reached = new Map<string, ChainedFrame>();
  const open = [...first];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const link of dependents.get(key) ?? []) {
      if (reached.has(link.key) || !passes(link)) continue;
      const frame = link.frames.find((one) => one.key === key);
      if (frame) reached.set(link.key, frame);
      open.push(link.key);
    }
  }
  return reached;
}

/** Throws if links go round in a circle, which is a bug of the planner: none of them could ever begin. */
export function assertAcyclic(links: readonly Link[]): void {
  const dependents = dependentsOf(links);
  const own = new Set(links.map(({ key }) => key));
  const missing = new Map(
    links.map(({ key, frames }) => [
      key,
      new Set(frames.map((frame) => frame.key).filter((one) => own.has(one))),
    ]),
  );
  const open = [...missing].filter(([, sources]) => sources.size === 0).map(([key]) => key);
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    missing.delete(key);
    for (const link of dependents.get(key) ?? []) {
      const sources = missing.get(link.key);
      if (sources?.delete(key) && sources.size === 0) open.push(link.key);
    }
  }
  if (missing.size > 0)
    throw new Error(`chained shots go round in a circle: ${[...missing.keys()].join(', ')}`);
}

/** Links that wait for last frames of other clips. A link leaves when all its frames are taken, or one never will be. */
export class ChainedLinks<L extends Link> {
  readonly #dependents: ReadonlyMap<string, readonly L[]>;
  /** Keys that a link still waits for, by key of the link. */
  readonly #missing = new Map<string, Set<string>>();

  /** Links without chained frames are ignored. */
  constructor(links: readonly L[]) {
    const waiting = links.filter(({ frames }) => frames.length > 0);
    this.#dependents = dependentsOf(waiting);
    for (const { key, frames } of waiting) this.#missing.set(key, new Set(frames.map((frame) => frame.key)));
  }

  /** First frame that a link waits for; null for a link that does not wait. */
  missingFrame(link: L): ChainedFrame | null {
    const missing = this.#missing.get(link.key);
    return link.frames.find(({ key }) => missing?.has(key)) ?? null;
  }

  /** Keys that some link waited for at first. */
  get sources(): readonly string[] {
    return [...this.#dependents.keys()];
  }

  /** Links that wait for a key, in list order. */
  waitingFor(key: string): readonly L[] {
    return (this.#dependents.get(key) ?? []).filter((link) => this.#missing.get(link.key)?.has(key));
  }

  /** Notes that a key's frame is taken. Returns the links that now wait for nothing; they leave. */
  frameTaken(key: string): readonly L[] {
    const ready: L[] = [];
    for (const link of this.waitingFor(key)) {
      const missing = this.#missing.get(link.key);
      missing?.delete(key);
      if (missing?.size !== 0) continue;
      this.#missing.delete(link.key);
      ready.push(link);
    }
    return ready;
  }

  /** Notes that a key's frame will never be taken. Returns the links that waited for it; they leave. */
  frameLost(key: string): readonly L[] {
    const left = this.waitingFor(key);
    for (const link of left) this.#missing.delete(link.key);
    return left;
  }
}
