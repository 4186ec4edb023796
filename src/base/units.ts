/** Maximum of decimal places of a model's rate. */
const RATE_PLACES = 4;

/** USD without the errors of binary fractions, in the precision in which services report costs. */
export function toMillionths(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

/** An amount in USD, `$1.26`, with more places below ten cents, `$0.084`; `unknown` for null. */
export function formatUsd(usd: number | null): string {
  if (usd === null) return 'unknown';
  // Two places would round amounts below ten cents by up to a tenth.
  const places = usd !== 0 && Math.abs(usd) < 0.1 ? RATE_PLACES : 2;
  return inDollars(usd, places);
}

/** Cost of several submissions, some of which may be unknown: `$2.69 + 2 unknown`. */
export function formatTotal(total: {
  readonly submissions: number;
  readonly usd: number;
  readonly usd_unknown: number;
}): string {
  const { submissions, usd, usd_unknown } = total;
  if (usd_unknown === 0) return formatUsd(usd);
  return usd_unknown === submissions ? 'unknown' : `${formatUsd(usd)} + ${usd_unknown} unknown`;
}

/** Source of an estimate, ` by 3 bills here`; empty for 0. */
export function byBills(bills: number): string {
  return bills === 0 ? '' : ` by ${formatCount(bills, 'bill')} here`;
}

/** A rate in USD per second, `$0.084/s`; `unknown` for null. */
export function formatRate(usdPerSecond: number | null): string {
  if (usdPerSecond === null) return 'unknown';
  return `${inDollars(usdPerSecond, RATE_PLACES)}/s`;
}

/** A length of time in whole seconds, `3 s`, `1 m 20 s`, `2 h 5 m`. */
export function formatSeconds(seconds: number): string {
  const { hours, minutes, rest } = splitTime(seconds);
  if (hours > 0) return `${hours} h ${minutes} m`;
  if (minutes > 0) return rest > 0 ? `${minutes} m ${rest} s` : `${minutes} m`;
  return `${rest} s`;
}

/** A length of time for a narrow column: `3s`, `1m20`, `2h05`. */
export function formatClock(seconds: number): string {
  const { hours, minutes, rest } = splitTime(seconds);
  if (hours > 0) return `${hours}h${pad(minutes)}`;
  return minutes > 0 ? `${minutes}m${pad(rest)}` : `${rest}s`;
}

/** Age in seconds; in whole days from two days on: `12 d`, `26 h 0 m`, `40 s`. */
export function formatAge(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days >= 2 ? `${formatNumber(days)} d` : formatSeconds(seconds);
}

/** Bytes in decimal units, `640 kB`, `12.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 999_950_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Bytes in the unit of the limits of a request, `6.3 MiB`; few as `973 B`. */
export function mebibytes(bytes: number): string {
  return bytes < 50_000 ? formatBytes(bytes) : `${Number((bytes / 1024 / 1024).toFixed(1))} MiB`;
}

/** A number with its noun, `1 shot`, `1,200 shots`; `plural` for nouns whose plural is not formed with `s`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

/** A whole number with thousands separators, `1,200`; the same in every locale. */
export function formatNumber(number: number | string): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Decimal places beyond which only the errors of binary fractions are left. */
const EXACT = 10;

/** Dollars with cents, and with up to `places` decimal places that are not zero. */
function inDollars(usd: number, places: number): string {
  const digits = Math.round(Number(`${Math.abs(usd).toFixed(EXACT)}e${places}`))
    .toString()
    .padStart(places + 1, '0');
  const fraction = digits.slice(-places);
  const tail = fraction.slice(2).replace(/0+$/, '');
  return `${usd < 0 ? '-' : ''}$${formatNumber(digits.slice(0, -places))}.${fraction.slice(0, 2)}${tail}`;
}

function splitTime(seconds: number): { hours: number; minutes: number; rest: number } {
  const whole = Math.max(0, Math.round(seconds));
  return { hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60), rest: whole % 60 };
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
