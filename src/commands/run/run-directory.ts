import { join, resolve } from 'node:path';
import type { ListIdentity } from '../../plan/plan.js';

export type Provider = 'runcomfy' | 'local';

/** Where a list's runs are kept: `--out`, or `renders/<name>/` beside it, `rehearsals/<name>/` for the local provider. */
export function runDirectory(
  list: Pick<ListIdentity, 'folder' | 'name'>,
  { provider, out }: { provider: Provider; out?: string },
): string {
  if (out !== undefined) return resolve(out);
  return join(list.folder, provider === 'local' ? 'rehearsals' : 'renders', list.name);
}
