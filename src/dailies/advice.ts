import type { ManifestEntry } from '../manifest/manifest.js';

/** Commands about a run as a shell takes them. */
export interface Commands {
  /** Such as `shotlist run film.yaml`. */
  readonly run: string;
  /** Such as `shotlist resolve renders/film cliff --request-id …`. */
  readonly resolve: (submission: { readonly shot: string; readonly requestId: string | null }) => string;
}

export interface Advice {
  readonly advice: string | null;
  /** What to type for it. */
  readonly command: string | null;
}

/** What a person can do about a submission that is not done, or whose clip is not here; nothing where all is well. */
export function adviceFor(
  { state, id, request_id, error, selected }: ManifestEntry,
  { commands: { run, resolve }, isHere }: { readonly commands: Commands; readonly isHere: boolean },
): Advice {
  switch (state) {
    case 'done':
      return isHere
        ? { advice: null, command: null }
        : { advice: 'Its clip is not here any more. The next run fetches it.', command: run };
    case 'submitted':
      return { advice: 'It is with the service. The next run polls and fetches it.', command: run };
    case 'completed':
      return { advice: 'It is rendered and paid for, but not here. The next run fetches it.', command: run };
    case 'cancelled':
      return { advice: 'It was cancelled and cost nothing. The next run sends it again.', command: run };
    case 'planned':
      return error
        ? { advice: 'It is sent once that is settled.', command: null }
        : { advice: selected ? 'Not sent yet.' : 'Not sent yet; another take is chosen.', command: run };
    case 'refused':
      return { advice: 'It cost nothing. Correct the shot, then run again.', command: run };
    case 'failed':
      return {
        advice:
          'It is not sent again by itself. Change the shot and run again, or pay for another try as it is.',
        command: `${run} --retry-failed`,
      };
    case 'unknown':
      return {
        advice:
          'It may have been billed, so it is not sent again by itself. Look for it under Library > Generations on RunComfy’s site, then settle it.',
        command: resolve({ shot: id, requestId: request_id }),
      };
    default:
      return state satisfies never;
  }
}
