/** A character that cannot be seen, or that looks like a plain space. */
export interface HiddenCharacter {
  /** Offset of the first one in the text, UTF-16 units. */
  readonly at: number;
  readonly character: string;
  /** Such as `a no-break space (U+00A0)`. */
  readonly name: string;
  /** True if it looks like a plain space. */
  readonly isSpace: boolean;
  /** Number of them in the text. */
  readonly count: number;
}

/**
 * Characters without a shape of their own: default-ignorable code points (Unicode's DerivedCoreProperties), controls,
 * separators, spaces other than the plain one, annotation marks, and the empty Braille pattern. Variation selectors change
 * the character before them, and the space of Chinese and Japanese is as wide as a letter: both are left out.
 */
const HIDDEN =
  /(?![\t\n\r \u3000\p{Variation_Selector}])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Z}\ufff9-\ufffb\u2800]/gu;

/** Characters that are never hidden: most texts have no others. */
const PLAIN = /^[\t\n\r -~]*$/;

/** Scripts whose letters change their shape between joiners: those that join, and those of India. */
const JOINED =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Mand}\p{scx=Mani}\p{scx=Phag}\p{scx=Adlm}\p{scx=Rohg}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Tibt}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Java}\p{scx=Bali}]/u;

/** Scripts without spaces between words, whose writers mark the words. */
const UNSPACED =
  /[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}\p{scx=Lana}\p{scx=Talu}\p{scx=Tavt}\p{scx=Cham}\p{scx=Sund}]/u;

/** Characters that a script needs, and the neighbours that show it: the character is then part of the word. */
const NEEDED: readonly (readonly [characters: RegExp, neighbour: RegExp])[] = [
  [/[\u200c\u200d]/u, JOINED],
  [/\u200b/u, UNSPACED],
  [/[\u180e\u202f]/u, /\p{scx=Mong}/u],
  [/[\u115f\u1160\u3164\uffa0]/u, /\p{scx=Hang}/u],
  [/[\u17b4\u17b5]/u, /\p{scx=Khmr}/u],
  [/\u2800/u, /\p{scx=Brai}/u],
];

/** Emoji before a joiner, with its presentation and skin tone; emoji after it. */
const EMOJI_BEFORE = /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0e|\ufe0f)*$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;

/** The black flag, which tags make the flag of a region such as Scotland. */
const FLAG_BEFORE = /\u{1f3f4}[\u{e0020}-\u{e007e}]*$/u;
const TAG = /^[\u{e0020}-\u{e007f}]$/u;

/** Longest start of an emoji before a joiner or a tag, UTF-16 units. */
const LONGEST_EMOJI = 24;

const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u061c': 'an Arabic letter mark',
  '\u200b': 'a zero width space',
  '\u200c': 'a zero width non-joiner',
  '\u200d': 'a zero width joiner',
  '\u200e': 'a left-to-right mark',
  '\u200f': 'a right-to-left mark',
  '\u2028': 'a line separator',
  '\u2029': 'a paragraph separator',
  '\u202f': 'a narrow no-break space',
  '\u2060': 'a word joiner',
  '\ufeff': 'a byte order mark',
};

/** Names of the others, by a pattern. */
const KINDS: readonly (readonly [characters: RegExp, name: string])[] = [
  [/\p{Cc}/u, 'a control character'],
  [/\p{Zs}/u, 'a space that is not a plain one'],
  [/\p{Bidi_Control}/u, 'a mark of writing direction'],
  [TAG, 'a tag character'],
];

/** Hidden characters of a text, each kind once, where it is first. Joiners of emoji and of scripts that need them are not among them. */
export function hiddenCharacters(text: string): readonly HiddenCharacter[] {
  if (PLAIN.test(text)) return [];
  const found = new Map<string, HiddenCharacter>();
  for (const { 0: character, index: at } of text.matchAll(HIDDEN)) {
    if (isNeeded(character, text, at)) continue;
    // Tags come in words: one for each letter.
    const kind = TAG.test(character) ? 'tags' : character;
    const first = found.get(kind) ?? {
      at,
      character,
      name: nameOf(character),
      isSpace: isSpace(character),
      count: 0,
    };
    found.set(kind, { ...first, count: first.count + 1 });
  }
  return [...found.values()];
}

/** Number of a character as double quotes in YAML write it, such as `\u200b`. */
export function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

function isNeeded(character: string, text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LONGEST_EMOJI), at);
  const after = text.slice(at + character.length, at + character.length + 2);
  if (character === '\u200d' && EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after)) return true;
  if (TAG.test(character)) return FLAG_BEFORE.test(before);
  const neighbours = [[...before].at(-1) ?? '', [...after][0] ?? ''];
  return NEEDED.some(
    ([characters, neighbour]) => characters.test(character) && neighbours.some((one) => neighbour.test(one)),
  );
}

function nameOf(character: string): string {
  const kind = KINDS.find(([characters]) => characters.test(character))?.[1] ?? 'an invisible character';
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `${NAMES[character] ?? kind} (U+${hex})`;
}

function isSpace(character: string): boolean {
  return /[\p{Zs}\u2800]/u.test(character);
}
