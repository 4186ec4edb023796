import { formatCount, formatUsd } from '../base/units.js';
import type { RunFinished } from '../run/events.js';

/** A sentence on what a run cost: as the service reported it, and as estimated where it did not. */
export function costSentence({
  usd,
  usd_unknown,
  usd_estimated,
}: Pick<RunFinished, 'usd' | 'usd_unknown' | 'usd_estimated'>): string {
  if (usd_estimated > 0) {
    const total = formatUsd(usd + usd_estimated);
    const why =
      usd > 0
        ? `${formatUsd(usd)} as the service reports it, the rest as estimated`
        : 'as estimated, until the service reports it';
    return `This run cost about ${total}: ${why}.`;
  }
  if (usd_unknown === 0)
    return usd === 0 ? 'Nothing was spent.' : `This run cost ${formatUsd(usd)}, as the service reports it.`;
  const unknown = `the service did not report the cost of ${formatCount(usd_unknown, 'submission')}`;
  return usd === 0 ? `For this run ${unknown}.` : `This run cost ${formatUsd(usd)}; ${unknown}.`;
}
