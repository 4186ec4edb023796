import type { CostChanged, LiveState, RunEvent, ShotChanged } from '../run/events.js';

/** Where a run stands, from its events alone: what a screen shows of it. Times are milliseconds of the caller's clock. */
export interface Tally {
  /** When the run began; null before `run_started`. */
  startedAt: number | null;
  /** Submissions of the list. */
  total: number;
  /** Here from before this run. */
  kept: number;
  /** Shots that this run has said something about. */
  readonly states: Map<string, LiveState>;
  /** Those that are with the service or on their way here, in the order they began. */
  readonly active: Map<string, ActiveShot>;
  /** Those that wait for another's last frame, with its id, in list order. */
  readonly waiting: Map<string, string>;
  /** What it cost so far and will yet; null before `run_started`. */
  cost: Omit<CostChanged, 'event' | 'at'> | null;
}

export interface ActiveShot {
  readonly id: string;
  readonly state: ActiveState;
  /** When it came into this state. */
  readonly since: number;
  readonly queuePosition: number | null;
  /** Seconds. */
  readonly expected: number | null;
  readonly bytes: number | null;
  readonly totalBytes: number | null;
}

export type ActiveState = 'submitting' | 'queued' | 'rendering' | 'downloading';

/** A tally of nothing yet. */
export function createTally(): Tally {
  return {
    startedAt: null,
    total: 0,
    kept: 0,
    states: new Map(),
    active: new Map(),
    waiting: new Map(),
    cost: null,
  };
}

/** Brings the tally up to date with an event that came at `now`. */
export function count(tally: Tally, event: RunEvent, now: number): void {
  switch (event.event) {
    case 'run_started':
      Object.assign(tally, { startedAt: now, total: event.counts.total, kept: event.counts.kept });
      tally.cost = { ...event, usd: 0, usd_to_come: event.usd };
      return;
    case 'cost':
      tally.cost = event;
      return;
    case 'shot':
      countShot(tally, event, now);
      return;
    case 'download': {
      const shot = tally.active.get(event.id);
      if (shot) tally.active.set(event.id, { ...shot, bytes: event.bytes, totalBytes: event.total });
      return;
    }
    case 'left_out':
    case 'notice':
    case 'check':
    case 'run_finished':
  }
}

function countShot(tally: Tally, event: ShotChanged, now: number): void {
  const { id, state } = event;
  tally.states.set(id, state);
  if (state === 'waiting' && event.waiting_on !== null) tally.waiting.set(id, event.waiting_on);
  else tally.waiting.delete(id);
  if (!isActive(state)) {
    tally.active.delete(id);
    return;
  }
  const before = tally.active.get(id);
  const same = before?.state === state ? before : null;
  tally.active.set(id, {
    id,
    state,
    since: same?.since ?? now,
    queuePosition: event.queue_position,
    expected: event.expected_seconds,
    bytes: same?.bytes ?? null,
    totalBytes: same?.totalBytes ?? null,
  });
}

function isActive(state: LiveState): state is ActiveState {
  return state === 'submitting' || state === 'queued' || state === 'rendering' || state === 'downloading';
}

/** Totals for one line: how many are done, and how many did not work out. */
export interface Totals {
  readonly total: number;
  readonly done: number;
  /** Failed, refused or unknown, in this run. */
  readonly failed: number;
  /** Not sent, because of one that failed. */
  readonly blocked: number;
  readonly active: number;
  readonly waiting: number;
}

export function totals(tally: Tally): Totals {
  let done = tally.kept;
  let failed = 0;
  let blocked = 0;
  let over = 0;
  for (const state of tally.states.values()) {
    if (state === 'done') done += 1;
    else if (state === 'failed' || state === 'refused' || state === 'unknown') failed += 1;
    else if (state === 'blocked') blocked += 1;
    else if (state === 'cancelled' || state === 'unfinished' || state === 'unsent') over += 1;
  }
  const active = tally.active.size;
  return {
    total: tally.total,
    done,
    failed,
    blocked,
    active,
    // What was settled before the run is said to be, shot by shot, as it begins.
    waiting: Math.max(0, tally.total - done - failed - blocked - over - active),
  };
}
