import type { CostChanged, LiveState, RunEvent, ShotChanged } from '../run/events.js';

/** State of a run, from its events alone, for a screen. Times are milliseconds on the caller's clock. */
export interface Tally {
  /** Start of the run; null before `run_started`. */
  startedAt: number | null;
  /** Submissions of the list. */
  total: number;
  /** Submissions whose clips were in the run directory before this run. */
  kept: number;
  /** Last state of each shot that had an event. */
  readonly states: Map<string, LiveState>;
  /** Shots with the service or being downloaded, in the order they began. */
  readonly active: Map<string, ActiveShot>;
  /** Id of each shot that waits for the last frame of another, with the id of that other, in list order. */
  readonly waiting: Map<string, string>;
  /** Cost so far and to come; null before `run_started`. */
  cost: Omit<CostChanged, 'event' | 'at'> | null;
}

/** A shot with the service, or being downloaded. */
export interface ActiveShot {
  readonly id: string;
  readonly state: ActiveState;
  /** Start of this state. */
  readonly since: number;
  readonly queuePosition: number | null;
  /** Seconds. */
  readonly expected: number | null;
  readonly bytes: number | null;
  readonly totalBytes: number | null;
}

/** State of an active shot. */
export type ActiveState = 'submitting' | 'queued' | 'rendering' | 'downloading';

/** A tally before the first event. */
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

/** Updates the tally with an event that came at `now`. */
export function countEvent(tally: Tally, event: RunEvent, now: number): void {
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

/** Number of submissions of a list by state, for one line. */
export interface Totals {
  readonly total: number;
  readonly done: number;
  /** Submissions that failed, were refused or became unknown in this run. */
  readonly failed: number;
  /** Submissions not sent because one that they are chained to failed. */
  readonly blocked: number;
  readonly active: number;
  readonly waiting: number;
}

/** Totals of a tally. */
export function totals(tally: Tally): Totals {
  let done = tally.kept;
  let failed = 0;
  let blocked = 0;
  let ended = 0;
  for (const state of tally.states.values()) {
    if (state === 'done') done += 1;
    else if (state === 'failed' || state === 'refused' || state === 'unknown') failed += 1;
    else if (state === 'blocked') blocked += 1;
    else if (state === 'cancelled' || state === 'unfinished' || state === 'unsent') ended += 1;
  }
  const active = tally.active.size;
  return {
    total: tally.total,
    done,
    failed,
    blocked,
    active,
    // Submissions settled before the run get their events when it begins.
    waiting: Math.max(0, tally.total - done - failed - blocked - ended - active),
  };
}
