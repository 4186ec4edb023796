/** Why something was ended; its `code` is what a `ServiceError` shows. */
export class EndedError extends Error {
  readonly code: 'timeout' | 'aborted';

  constructor(code: 'timeout' | 'aborted') {
    super(code);
    this.code = code;
  }
}

export interface Deadline {
  /** Aborts when the time is over, or when the caller's own signal does. */
  readonly signal: AbortSignal;
  /** Starts the time anew: something arrived. */
  extend(): void;
  /** To be called at the end, so that the timer does not outlive its purpose. */
  clear(): void;
}

/** A signal that aborts after `ms` milliseconds, or along with `outer`; the reason's code says which. */
export function startDeadline(ms: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new EndedError('timeout')), ms);
  const follow = () => controller.abort(new EndedError('aborted'));
  if (outer?.aborted) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    extend: () => void timer.refresh(),
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}
