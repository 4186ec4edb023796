import { basename, join } from 'node:path';
import { Exit } from '../../base/exit.js';
import { shellWord } from '../../base/text.js';
import { formatCount, formatNumber, formatUsd } from '../../base/units.js';
import type { CostLimit, RunFinished } from '../../run/events.js';
import { costSentence } from '../../ui/cost-sentence.js';
import { visible } from '../../ui/visible.js';
import type { Provider } from '../list-flags.js';

/** The command line of a run, as text for a terminal. */
export interface Typed {
  /** The command that renders the same shots, without provider and run directory. */
  readonly command: string;
  /** The run directory. */
  readonly place: string;
  /** The run directory if `--out` named it; the next run would pay for everything again without it. */
  readonly out: string | undefined;
  readonly provider: Provider;
}

function outWords(out: string | undefined): readonly string[] {
  return out === undefined ? [] : [`--out ${shellWord(out)}`];
}

/** The last lines of a run: where the clips are, what they cost, and what to type next. */
export function summaryOf(finished: RunFinished, { command, place, out, provider }: Typed): string {
  const { exit } = finished;
  const clips = `${formatCount(finished.clips, 'clip')} in ${join(place, 'videos')}`;
  const { manifest } = finished;
  const lines = [manifest === null ? clips : `${clips}, listed in ${join(place, basename(manifest))}`];
  lines.push(...notHereLine(finished));
  if (provider === 'local') {
    lines.push('A free rehearsal: animatics drawn on this machine, not the model’s work.');
  } else {
    lines.push(costSentence(finished), ...finished.limits.flatMap(budgetLine));
  }
  lines.push(...flaggedLine(finished, place));
  const sameRun = [command, ...(provider === 'local' ? ['--provider local'] : []), ...outWords(out)].join(
    ' ',
  );
  lines.push(...nextSteps(finished, { sameRun, place, provider }));
  if (exit === Exit.done && provider === 'local') lines.push(`For the real thing: ${command}`);
  return `${lines.join('\n')}\n`;
}

/** Rendered clips that `--fetch` left where they are; what cannot be fetched is said for each shot. */
function notHereLine({ not_here, exit }: RunFinished): readonly string[] {
  if (not_here === 0 || exit !== Exit.done) return [];
  if (not_here === 1) return ['1 rendered clip is not here. To fetch it: --fetch all'];
  return [`${formatNumber(not_here)} rendered clips are not here. To fetch them: --fetch all`];
}

/** Number of ids in the line; the dailies page shows them all. */
const NAMED = 5;

/** The clips that are not what was asked for, and the command that shows them. */
function flaggedLine({ flagged }: RunFinished, place: string): readonly string[] {
  if (flagged.length === 0) return [];
  const more = flagged.length > NAMED ? ` and ${flagged.length - NAMED} more` : '';
  const names = `${flagged.slice(0, NAMED).map(visible).join(', ')}${more}`;
  const what = flagged.length === 1 ? '1 clip is' : `${formatNumber(flagged.length)} clips are`;
  return [`${what} not quite what was asked for: ${names}. To look: shotlist report ${shellWord(place)}`];
}

/** How much of the list's budget is spent; empty for the limit of one run. */
function budgetLine({ limit, usd, spent, spent_unknown }: CostLimit): readonly string[] {
  if (limit !== 'budget') return [];
  const unknown =
    spent_unknown > 0 ? `, and what ${formatCount(spent_unknown, 'submission')} cost is unknown` : '';
  return [`Of the budget of ${formatUsd(usd)}, ${formatUsd(spent)} is spent${unknown}.`];
}

function nextSteps(
  { states: all, chosen: states, blocked, left_out, exit }: RunFinished,
  { sameRun, place, provider }: { sameRun: string; place: string; provider: Provider },
): string[] {
  const steps: string[] = [];
  if ((states.failed ?? 0) > 0) {
    steps.push(
      `${formatCount(states.failed ?? 0, 'shot')} failed, as said above. A changed shot is submitted by the next run; --retry-failed pays for failed ones again as they are.`,
    );
  }
  if ((states.unknown ?? 0) > 0) {
    steps.push(
      `${formatCount(states.unknown ?? 0, 'submission')} may or may not have been accepted. Look for ${states.unknown === 1 ? 'it' : 'them'} on RunComfy under Generations, then:`,
      `  shotlist resolve ${shellWord(place)} <shot> --request-id <id>   it is there`,
      `  shotlist resolve ${shellWord(place)} <shot> --resubmit          it is not there; may be paid twice if it is`,
      `  shotlist resolve ${shellWord(place)} <shot> --give-up           do not wait for it`,
    );
  }
  if (blocked > 0) {
    steps.push(
      `${formatCount(blocked, 'shot')} not sent: ${blocked === 1 ? 'it' : 'each'} is chained to a shot without a clip.`,
    );
  }
  const open =
    (states.planned ?? 0) -
    blocked +
    (states.submitted ?? 0) +
    (states.completed ?? 0) +
    (states.refused ?? 0) -
    left_out;
  if (left_out > 0) steps.push(`${formatCount(left_out, 'shot')} left out to keep the limit, as said above.`);
  if (exit === Exit.interrupted) steps.push(...stopped(all.submitted ?? 0, { sameRun, provider }));
  else if (open > 0 && exit !== Exit.done)
    steps.push(`${formatCount(open, 'shot')} not finished. To continue: ${sameRun}`);
  return steps;
}

/** Lines after an interruption, with the number of submissions that stay with the service. */
function stopped(
  submitted: number,
  { sameRun, provider }: { sameRun: string; provider: Provider },
): string[] {
  const next = `Stopped. To continue: ${sameRun}`;
  if (submitted === 0 || provider === 'local') return [next];
  const [are, them] = submitted === 1 ? ['is', 'it'] : ['are', 'them'];
  const what = formatCount(submitted, 'submission');
  return [`${what} ${are} with the service, which bills ${them}; the next run fetches ${them}.`, next];
}
