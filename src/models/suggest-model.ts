import { klingName } from '../base/kling-name.js';
import { nearestWord } from '../base/text.js';
import { formatRate, formatUsd } from '../base/units.js';
import type { Model } from './catalog.js';

/**
 * Models that a name means: by version and tier for a Kling model, in the words of any host, the cheapest first; empty if it
 * means none. A name without a tier means every tier of its version.
 */
export function modelsMeant(written: string, models: readonly Model[]): readonly Model[] {
  const meant = klingName(written);
  if (!meant || (meant.family === '' && meant.tier === '' && !/kling/i.test(written))) return [];
  return cheapestFirst(
    models.filter((model) => {
      const { family, tier } = klingName(model.name) ?? { family: null, tier: null };
      const isFamily =
        meant.family === '' || meant.family === family || (meant.family === 'o' && family?.startsWith('o'));
      return isFamily && family !== null && family !== '' && (meant.tier === '' || meant.tier === tier);
    }),
  );
}

/** Hint for a name that no model has: the model that is meant, or the ones to choose from with their prices. Never a dearer one. */
export function suggestModel(written: string, models: readonly Model[]): string {
  const meant = modelsMeant(written, models);
  const [only] = meant;
  if (only && meant.length === 1) return `did you mean \`${only.name}\`?`;
  if (meant.length > 1) return `choose one: ${pricesOf(meant)}`;
  const kling = klingName(written);
  const others = '`shotlist models add` takes others from RunComfy’s catalog';
  if (kling && kling.family !== '') {
    const family = modelsMeant(`kling ${kling.family}`, models);
    return family.length > 0
      ? `of this version there is ${pricesOf(family)}; ${others}`
      : `there are ${pricesOf(cheapestFirst(models))}; ${others}`;
  }
  // Another number is another version, and a slip of the pen may lead to a dearer model.
  const digits = (text: string) => text.replace(/\D+/g, ' ').trim();
  const near = nearestWord(
    written,
    models.flatMap(({ name, id }) => [name, id]).filter((name) => digits(name) === digits(written)),
  );
  return near === undefined
    ? `the models are ${models.map(({ name }) => name).join(', ')}; ${others}`
    : `did you mean \`${near}\`?`;
}

/** Models by the price of a silent second; those without a price come last. */
export function cheapestFirst(models: readonly Model[]): readonly Model[] {
  return models.toSorted((a, b) => rank(a) - rank(b));
}

/** Price of a silent second, USD; models without a price come last, `standard` before the others. */
function rank({ name, price }: Model): number {
  return price.silent ?? (name.endsWith('/standard') ? 1000 : 2000);
}

/** Names of models with their prices: `kling-3.0/pro ($0.112/s, with audio $0.168/s)`. */
function pricesOf(models: readonly Model[]): string {
  return models.map((model) => `${model.name} (${priceOf(model)})`).join(', ');
}

function priceOf({ price, fields }: Model): string {
  if (price.per_video !== undefined) return `${formatUsd(price.per_video)} a video`;
  if (price.silent === null) return 'price unknown';
  const audio =
    fields.audio && price.audio !== null && price.audio !== price.silent
      ? `, with audio ${formatRate(price.audio)}`
      : '';
  return formatRate(price.silent) + audio;
}
