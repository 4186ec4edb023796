/** What some POSTs cost, or may have cost. */
export interface Spent {
  /** USD: as the service reported it, else as estimated when it was sent. */
  readonly usd: number;
  /** How many of them have neither; what they cost is not in `usd`. */
  readonly unknown: number;
}

export const NOTHING: Spent = { usd: 0, unknown: 0 };

/** What one POST costs; null where nobody knows. */
export function charged(usd: number | null): Spent {
  return usd === null ? { usd: 0, unknown: 1 } : { usd, unknown: 0 };
}

export function addSpent(one: Spent, other: Spent): Spent {
  return { usd: toMillionths(one.usd + other.usd), unknown: one.unknown + other.unknown };
}

export function subtractSpent(from: Spent, what: Spent): Spent {
  return addSpent(from, { usd: -what.usd, unknown: -what.unknown });
}

/** Takes away what binary fractions leave, at the precision in which services report costs. */
function toMillionths(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
