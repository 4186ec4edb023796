import type { CostChanged, RunStarted, ShotChanged } from '../../src/run/events.js';

const at = '2026-01-01T00:00:00.000Z';

/** The first event of a run of `total` new shots on the real service. */
export function started(total: number, change: Partial<RunStarted> = {}): RunStarted {
  return {
    event: 'run_started',
    at,
    list: '/film/film.yaml',
    service: 'https://model-api.runcomfy.net',
    directory: '/film/renders/film',
    counts: { total, kept: 0, not_here: 0, adopted: 0, to_fetch: 0, to_send: total, to_retry: 0, held: 0 },
    usd: 1.26,
    usd_unknown: 0,
    bills: 0,
    limits: [],
    ...change,
  };
}

/** A shot's change of state, with nothing known but what is given. */
export function shot(id: string, change: Partial<ShotChanged> = {}): ShotChanged {
  return {
    event: 'shot',
    at,
    id,
    key: `key of ${id}`,
    state: 'rendering',
    request_id: `req-${id}`,
    queue_position: null,
    expected_seconds: null,
    seconds: 5,
    file: null,
    usd: null,
    message: null,
    waiting_on: null,
    ...change,
  };
}

/** Bytes of a clip that is coming in. */
export function download(id: string, bytes: number, total: number | null) {
  return { event: 'download', at, id, bytes, total } as const;
}

/** Cost event of a run: 0.84 of 1.26 USD so far. */
export function cost(change: Partial<CostChanged> = {}): CostChanged {
  return { event: 'cost', at, usd: 0.84, usd_to_come: 0.42, usd_unknown: 0, limits: [], ...change };
}
