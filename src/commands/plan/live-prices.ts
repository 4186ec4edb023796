import { effects } from '../../base/effects.js';
import { Exit } from '../../base/exit.js';
import type { Catalog, Price } from '../../models/catalog.js';
import { livePrice } from '../../models/live-model.js';
import { withPrices } from '../../plan/cost.js';
import type { Plan } from '../../plan/plan.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import type { Balance, CatalogAnswer, Service } from '../../runcomfy/service.js';
import { findToken } from '../../runcomfy/token.js';
import type { Console, Failure } from '../console.js';
import { balanceIn } from '../run/balance.js';
import { openService } from '../service/provider.js';

/** A plan with the prices of the live catalog, where it gave any. */
export interface LivePriced {
  readonly plan: Plan;
  /** Reasons why some prices are still those of the model files, without a full stop. */
  readonly warnings: readonly string[];
  /** RunComfy's notes about the prices; only they tell the price of sound. */
  readonly notes: readonly PriceNote[];
  /** Balance of the account; null if it is not known. */
  readonly balance: Balance | null;
  /** Failure of a run that would submit with a token that was refused; null for one that was not. */
  readonly refusal: Failure | null;
}

/** RunComfy's note about the price of a model. */
export interface PriceNote {
  /** Full model id. */
  readonly model: string;
  readonly note: string;
}

/** `--live-prices` for a command: warns about each missing price; the price in the model file then counts. */
export async function withLivePrices(
  plan: Plan,
  { catalog, console }: { catalog: Catalog; console: Console },
): Promise<Omit<LivePriced, 'warnings'>> {
  const today = new Date(effects.now()).toISOString().slice(0, 10);
  const priced = await readLivePrices(plan, { catalog, env: console.env, today });
  for (const warning of priced.warnings) {
    console.stderr.write(`shotlist: ${warning}; the price in the model file is used\n`);
  }
  return priced;
}

/** Asks RunComfy's catalog for the price of each model of a plan; `today` is YYYY-MM-DD. */
export async function readLivePrices(
  plan: Plan,
  { catalog, env, today }: { catalog: Catalog; env: NodeJS.ProcessEnv; today: string },
): Promise<LivePriced> {
  const found = await findToken(env);
  const nothing = { plan, notes: [], balance: null, refusal: null };
  if (found.kind !== 'found') return { ...nothing, warnings: [asWarning(found.message)] };
  const service = openService({ env, token: found.token });
  if ('exit' in service) return { ...nothing, warnings: [asWarning(service.message)] };
  try {
    const [priced, balance] = await Promise.all([
      askCatalog(plan, { service, catalog, today }),
      service.balance(),
    ]);
    return { ...priced, balance: balanceIn(balance) };
  } finally {
    await service.close();
  }
}

async function askCatalog(
  plan: Plan,
  { service, catalog, today }: { service: Pick<Service, 'catalog'>; catalog: Catalog; today: string },
): Promise<Omit<LivePriced, 'balance'>> {
  const prices = new Map<string, Price>();
  const warnings = new Set<string>();
  const notes: PriceNote[] = [];
  let refusal: Failure | null = null;
  for (const id of new Set(plan.submissions.map(({ model }) => model))) {
    const answer = await service.catalog({ model: id });
    const live = answer.kind === 'models' ? answer.models.find(({ modelId }) => modelId === id) : undefined;
    if (answer.kind !== 'models') warnings.add(asWarning(answer.message));
    refusal ??= refusalOf(answer);
    // The next request would fail too, after a timeout of 15 s.
    if (answer.kind === 'unreachable' || (answer.kind === 'refused' && answer.status !== 404)) break;
    if (!live) continue;
    const known = catalog.find(id);
    const price = livePrice(live, { date: today, ...(known && { known: known.price }) });
    if (price) prices.set(id, price);
    else warnings.add(`RunComfy's catalog names no price for ${known?.name ?? id}`);
    if (live.pricingNote !== null) notes.push({ model: id, note: live.pricingNote });
  }
  return { plan: withPrices(plan, prices), warnings: [...warnings], notes, refusal };
}

function refusalOf(answer: CatalogAnswer): Failure | null {
  if (answer.kind !== 'refused' || !isAccountError(answer)) return null;
  return { exit: Exit.account, message: `${answer.message} Nothing was submitted.` };
}

/** A sentence of the client in the form of a warning: no capital, no full stop. */
function asWarning(message: string): string {
  return message.replace(/\.$/, '').replace(/^[A-Z](?=[a-z]*\s)/, (letter) => letter.toLowerCase());
}
