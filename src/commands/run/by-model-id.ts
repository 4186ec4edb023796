import { Exit } from '../../base/exit.js';
import { nearest } from '../../base/text.js';
import type { Catalog } from '../../models/catalog.js';
import type { Failure } from '../console.js';

/** What was said of models by name, by their full ids; a failure where there is no such model. */
export function byModelId<T>(
  named: ReadonlyMap<string, T>,
  { find, models }: Catalog,
): ReadonlyMap<string, T> | Failure {
  const byId = new Map<string, T>();
  for (const [name, value] of named) {
    const model = find(name);
    if (!model) return unknownModel(name, models);
    byId.set(model.id, value);
  }
  return byId;
}

function unknownModel(name: string, models: Catalog['models']): Failure {
  const names = models.map((model) => model.name);
  const meant = nearest(name, [...names, ...models.map(({ id }) => id)]);
  const message = `there is no model \`${name}\``;
  return {
    exit: Exit.usage,
    message,
    hint: meant ? `did you mean ${meant}?` : `the models are ${names.join(', ')}`,
  };
}
