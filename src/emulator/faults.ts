import { createHash } from 'node:crypto';
import { nearestWord } from '../base/text.js';

/** Stages at which faults can happen. `read` is status, result and cancel; `download` is a clip. */
export type FaultStage = 'submit' | 'read' | 'download' | 'render';

/** All faults and their stages; if several apply, the first happens. */
const STAGES = {
  /** The request is accepted, and the connection is closed without an answer. */
  'lost-answer': ['submit'],
  /** The connection is closed before anything is accepted. */
  'lost-request': ['submit'],
  /** Too many requests, with Retry-After. Nothing is accepted. */
  '429': ['submit', 'read'],
  /** An internal error before anything is accepted. */
  '500': ['submit', 'read', 'download'],
  /** An internal error after the request was accepted. */
  '500-accepted': ['submit'],
  /** Code 400001: the model is not known. Nothing is accepted. */
  '400001': ['submit'],
  /** Code 400002: the balance is used up. Nothing is accepted. */
  '400002': ['submit'],
  /** Code 400004: the token has expired. Nothing is accepted. */
  '400004': ['submit', 'read'],
  /** HTTP 402: the balance is too low. Nothing is accepted. */
  '402': ['submit'],
  /** Code 403001: the request belongs to another user. */
  '403001': ['read'],
  /** Code 404001: the request is not known. */
  '404001': ['read'],
  /** HTTP 200 with an error in the body. Nothing is accepted. */
  '200-error': ['submit', 'read'],
  /** The request is accepted, but the answer has no usable request id. */
  'no-id': ['submit'],
  /** The answer is right but late. */
  'slow-answer': ['submit', 'read', 'download'],
  /** The connection is closed without an answer. */
  reset: ['read', 'download'],
  /** The status word is not a documented one. */
  'unknown-status': ['read'],
  /** The clip breaks off half-way. */
  'cut-download': ['download'],
  /** The Content-Length of the clip is too large. */
  'wrong-length': ['download'],
  /** The generation takes longer. */
  'slow-render': ['render'],
  /** The generation fails. */
  'failed-render': ['render'],
} as const satisfies Record<string, readonly FaultStage[]>;

/** Name of a fault, as `--faults` takes it. */
export type FaultName = keyof typeof STAGES;

/** Faults of a server: the same plan gives the same faults for the same requests. */
export interface FaultPlan {
  readonly seed: number;
  /** Delay of slow answers and renders, seconds. */
  readonly slowBy: number;
  /** Probabilities from 0 to 1. */
  readonly rates: Readonly<Partial<Record<FaultName, number>>>;
}

/** A plan of faults, or the reason why the text is not one. */
export type ParsedFaults =
  | { readonly ok: true; readonly plan: FaultPlan }
  | { readonly ok: false; readonly message: string };

const NAMES = Object.keys(STAGES).toSorted() as readonly FaultName[];

/** Reads `seed=7,slow-by=2,lost-answer=0.1,429=0.05`; a fault without a number always happens. */
export function parseFaults(spec: string): ParsedFaults {
  let seed = 1;
  let slowBy = 3;
  const rates: Partial<Record<FaultName, number>> = {};
  for (const part of spec.split(',').map((text) => text.trim())) {
    if (part === '') continue;
    const [name = '', given = '1'] = part.split('=').map((text) => text.trim());
    const value = given === '' ? Number.NaN : Number(given);
    if (name === 'seed' && Number.isSafeInteger(value)) seed = value;
    else if (name === 'slow-by' && value >= 0 && value <= 3600) slowBy = value;
    else if (isFault(name) && value >= 0 && value <= 1) rates[name] = value;
    else return { ok: false, message: specProblem(name, given) };
  }
  return { ok: true, plan: { seed, slowBy, rates } };
}

function specProblem(name: string, given: string): string {
  if (isFault(name)) return `${name}=${given}: a probability is a number from 0 to 1`;
  if (name === 'seed') return `seed=${given}: the seed is a whole number`;
  if (name === 'slow-by') return `slow-by=${given}: a delay is a number of seconds from 0 to 3600`;
  const near = nearestWord(name, NAMES);
  return `there is no fault "${name}"${near ? `; did you mean ${near}?` : '.'} Known: ${NAMES.join(', ')}, seed, slow-by`;
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(STAGES, name);
}

/** Decides which faults happen. */
export class Faults {
  readonly #plan: FaultPlan;
  readonly #planned: { stage: FaultStage; name: FaultName }[] = [];
  /** Number of times that each subject reached each stage. */
  readonly #counts = new Map<string, number>();

  constructor(plan: FaultPlan = { seed: 1, slowBy: 3, rates: {} }) {
    this.#plan = plan;
  }

  /** Delay of slow answers and renders, milliseconds. */
  get slowByMs(): number {
    return this.#plan.slowBy * 1000;
  }

  /** Makes a fault happen once, at the next use of the stage; several calls queue up. */
  next(stage: FaultStage, name: FaultName): void {
    if (!(STAGES[name] as readonly FaultStage[]).includes(stage)) {
      throw new Error(`the fault ${name} cannot happen at ${stage}`);
    }
    this.#planned.push({ stage, name });
  }

  /**
   * Fault for this use of a stage; null for none. It depends on the seed, the stage, the subject (the hash of the input
   * of a request) and the number of earlier uses by that subject; not on the order of different subjects.
   */
  pick(stage: FaultStage, subject: string): FaultName | null {
    const index = this.#planned.findIndex((fault) => fault.stage === stage);
    if (index >= 0) return this.#planned.splice(index, 1)[0]?.name ?? null;
    const rated = Object.entries(STAGES).filter(
      ([name, stages]) =>
        this.#plan.rates[name as FaultName] && (stages as readonly FaultStage[]).includes(stage),
    );
    if (rated.length === 0) return null;
    const use = `${stage}:${subject}`;
    const count = (this.#counts.get(use) ?? 0) + 1;
    this.#counts.set(use, count);
    const happening = rated.find(([name]) => {
      return (
        fractionOf(`${this.#plan.seed}:${name}:${use}:${count}`) < (this.#plan.rates[name as FaultName] ?? 0)
      );
    });
    return (happening?.[0] as FaultName | undefined) ?? null;
  }
}

/** Number of at least 0 and below 1, derived from the text alone. */
function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
