import type { PagePart, PageTake } from '../page-data.js';
import { copyable } from './copy.js';
import { h } from './dom.js';
import type { Shot } from './film.js';
import { inSeconds, STATES } from './words.js';

/** What is said of a shot: what to do, what happens in it, notes, cast, and the rest of what was sent. */
export function shotText({ shot, parts }: Shot): readonly HTMLElement[] {
  const texts: HTMLElement[] = [...troubles(parts)];
  if (shot.notes !== null) texts.push(h('p', { class: 'notes', dir: 'auto' }, shot.notes));
  for (const { label, take } of differentPrompts(shot.variants)) {
    if (label !== null) texts.push(h('p', { class: 'prompt-of' }, label));
    texts.push(...promptsOf(take));
  }
  const [first] = parts;
  if (first) texts.push(...cast(first), ...settings(first));
  return texts;
}

/** Variants often say the same; each prompt is shown once. */
function differentPrompts(
  variants: Shot['shot']['variants'],
): readonly { readonly label: string | null; readonly take: PageTake }[] {
  const seen = new Map<string, { label: string | null; take: PageTake }>();
  for (const { label, takes } of variants) {
    const [take] = takes;
    if (!take) continue;
    const said = take.parts.map(({ prompt }) => prompt).join('\n');
    if (!seen.has(said)) seen.set(said, { label, take });
  }
  const all = [...seen.values()];
  return all.length > 1 ? all : all.map((one) => ({ ...one, label: null }));
}

function promptsOf({ parts }: PageTake): readonly HTMLElement[] {
  const beats = parts.flatMap((part) =>
    part.segments.length > 0 ? part.segments : [{ prompt: part.prompt, seconds: part.seconds }],
  );
  const [only] = beats;
  if (beats.length === 1 && only) return [h('p', { class: 'prompt', dir: 'auto' }, only.prompt)];
  let at = 0;
  const list = h('ol', { class: 'prompts' });
  for (const { prompt, seconds } of beats) {
    const when = h('span', { class: 'when' }, `${Number(at.toFixed(2))}–${inSeconds(at + seconds)}`);
    list.append(h('li', {}, when, h('span', { class: 'prompt', dir: 'auto' }, prompt)));
    at += seconds;
  }
  return [list];
}

/** What is not as it should be, and what to do about it; the same trouble of several takes is told once. */
function troubles(parts: readonly PagePart[]): readonly HTMLElement[] {
  const told = new Map<string, HTMLElement>();
  for (const { id, state, error, advice, command } of parts) {
    if (error === null && advice === null) continue;
    const same = [state, error, advice, command].join('\n');
    if (told.has(same)) continue;
    const block = h('div', { class: `trouble state-${state}` });
    block.append(h('p', {}, h('strong', {}, `${id}: ${STATES[state]}. `), error ?? ''));
    if (advice !== null) block.append(h('p', {}, advice));
    if (command !== null) block.append(h('p', {}, copyable(command, command, 'command')));
    told.set(same, block);
  }
  return [...told.values()];
}

function cast({ elements }: PagePart): readonly HTMLElement[] {
  if (elements.length === 0) return [];
  const pictures = elements.map(({ src, label }) =>
    src === null
      ? h('span', { class: 'remote' }, label)
      : h('img', { src, alt: label, title: label, loading: 'lazy', decoding: 'async' }),
  );
  return [h('div', { class: 'cast', 'aria-label': 'Elements' }, ...pictures)];
}

function settings({ settings: all }: PagePart): readonly HTMLElement[] {
  if (all.length === 0) return [];
  const list = h('dl', { class: 'facts' });
  for (const [name, value] of all) list.append(h('div', {}, h('dt', {}, name), h('dd', {}, value)));
  return [h('details', { class: 'settings' }, h('summary', {}, 'Also sent'), list)];
}
