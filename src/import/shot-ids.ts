import { isDeviceName } from '../base/files.js';

/** Longest id the language takes, characters. */
const LONGEST = 64;

/**
 * A shot id for each name, in the same order: letters, digits, `-` and `_` only, at most 64 of them, unique letter
 * case aside. What a name loses becomes `-`; what would be there twice gets a number.
 */
export function shotIds(names: readonly string[]): readonly string[] {
  const fitted = names.map(fit);
  const taken = new Set<string>();
  // A name that is fit as it is keeps it, even where an earlier one would become the same.
  const reserved = new Set(fitted.filter((id, index) => id === names[index]).map((id) => id.toLowerCase()));
  const next = new Map<string, number>();
  return fitted.map((wish, index) => {
    const key = wish.toLowerCase();
    const own = wish === names[index] || !reserved.has(key);
    let id = wish;
    if (!own || taken.has(key)) {
      let number = next.get(key) ?? 2;
      const numbered = () => `${wish.slice(0, LONGEST - 1 - String(number).length)}-${number}`;
      while (taken.has(numbered().toLowerCase()) || reserved.has(numbered().toLowerCase())) number += 1;
      id = numbered();
      next.set(key, number + 1);
    }
    taken.add(id.toLowerCase());
    return id;
  });
}

function fit(name: string): string {
  const id = inLetters(name, LONGEST) || 'shot';
  return isDeviceName(id) ? `shot-${id}` : id;
}

/** A scene as the language takes it, which allows dots; undefined where nothing of it is left. */
export function sceneName(text: string): string | undefined {
  return inLetters(text, LONGEST, /[^A-Za-z0-9_.-]+/g) || undefined;
}

function inLetters(name: string, longest: number, unfit = /[^A-Za-z0-9_-]+/g): string {
  // `é` becomes `e` and an accent of its own, which is then left out.
  const plain = name.normalize('NFKD').replace(/\p{M}+/gu, '');
  const joined = plain.replace(unfit, '-').replace(/-{2,}/g, '-');
  return joined.replace(/^-+/, '').slice(0, longest).replace(/-+$/, '');
}
