import type { KeyState } from './fold.js';

/** For a submission that the service did not take in time. */
export const NOT_TAKEN = 'The service did not take it in time. It cost nothing; run again to send it.';

/** For a request that is with the service while the run is over. */
export function stillThere(requestId: string): string {
  return `It is still with the service (request ${requestId}). Run again to fetch it.`;
}

/** What to say of a submission that may or may not have been accepted, and how to find out. */
export function unknownMessage({ submission, sentAt, requestId, error }: KeyState): string {
  const when = `${sentAt.slice(0, 19).replace('T', ' ')} UTC`;
  const look = requestId === null ? `a generation of ${when}` : `request ${requestId}, sent ${when},`;
  return [
    error?.message ?? 'It is not known whether the service accepted it.',
    `It is not sent again by itself, because it may have been billed.`,
    `On RunComfy's site, under Library > Generations, look for ${look} by ${submission.model} with the prompt`,
    `"${shortened(submission.prompt)}"; then settle it with shotlist resolve.`,
  ].join(' ');
}

/** Longest piece of a prompt in a message, characters. */
const SHOWN = 60;

function shortened(prompt: string): string {
  const line = prompt.replace(/\s+/g, ' ');
  return line.length > SHOWN ? `${line.slice(0, SHOWN).trimEnd()}…` : line;
}
