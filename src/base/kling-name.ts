/** Parts of a name that say which Kling model it is, however it is written. */
export interface KlingName {
  /** `3.0`, `o3`; empty if the name says none. */
  readonly family: string;
  /** `standard`, `pro`, `4k`, or a tier that other versions have; empty if the name says none. */
  readonly tier: string;
}

/** Words around version and tier in the names that Kling, RunComfy and other hosts give to these models. */
const OTHER_WORDS =
  /^(?:kling(?:ai)?|kwaivgi|kuaishou|fal|ai|runcomfy|video|image|img|to|i2v|t2v|text|model|models?|version|ver|gen|the|api|v|\d+|.)$/;

/** Tiers by the words that name them; `master`, `turbo` and `fast` are tiers of versions that are not among the models. */
const TIERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:4k|uhd|2160p)$/, '4k'],
  [/^(?:pro|professional)$/, 'pro'],
  [/^(?:standard|std|basic)$/, 'standard'],
  [/^(?:master|turbo|fast|hd|lite|motion|edit|ultra|max|plus|\d+p)$/, 'other'],
];

/** Version and tier of a name of a Kling model; undefined for a name with words that no such name has. */
export function klingName(written: string): KlingName | undefined {
  const path = written
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/]*/, '')
    .replace(/^.*\/models\//, '')
    .replace(/[?#].*$/, '');
  const text = path.replace(/(?:image|img|text)[-_ ]?(?:to|2)[-_ ]?video/g, ' ').replace(/kling/g, ' kling ');
  const omni = /\bo[-_ ]?(\d)(?!\d)/.exec(text)?.[1];
  const rest = text.replace(/\bo[-_ ]?\d(?!\d)/, ' ');
  const [found = '', major, minor] = /(?<![\d.])v?[-_ ]?(\d)(?:[._-]?(\d))?(?![\dkp])/.exec(rest) ?? [];
  const words = rest
    .replace(found, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const isOmni = words.includes('omni');
  let tier = '';
  for (const word of words) {
    const named = TIERS.find(([pattern]) => pattern.test(word))?.[1];
    if (named !== undefined) tier = named;
    else if (word !== 'omni' && !OTHER_WORDS.test(word)) return undefined;
  }
  if (omni !== undefined) return { family: `o${omni}`, tier };
  if (isOmni) return { family: `o${major ?? ''}`, tier };
  return { family: major === undefined ? '' : `${major}.${minor ?? 0}`, tier };
}
