import type { PagePart, PageTake } from '../page-data.js';
import { copyButton, create } from './dom.js';
import type { Shot } from './film.js';
import { formatLength, STATE_NAMES } from './format.js';

/** Text of a shot: troubles, notes, prompts, elements, and other settings that were sent. */
export function shotText({ shot, parts }: Shot): readonly HTMLElement[] {
  const texts: HTMLElement[] = [...troubleBlocks(parts)];
  if (shot.notes !== null) texts.push(create('p', { class: 'notes', dir: 'auto' }, shot.notes));
  for (const { label, take } of differentPrompts(shot.variants)) {
    if (label !== null) texts.push(create('p', { class: 'prompt-of' }, label));
    texts.push(...promptElements(take));
  }
  const [first] = parts;
  if (first) texts.push(...elementPictures(first), ...settingsList(first));
  return texts;
}

/** First take of each variant with a prompt of its own; the label is null if all variants have the same prompt. */
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

function promptElements({ parts }: PageTake): readonly HTMLElement[] {
  const beats = parts.flatMap((part) =>
    part.segments.length > 0 ? part.segments : [{ prompt: part.prompt, seconds: part.seconds }],
  );
  const [only] = beats;
  if (beats.length === 1 && only) return [create('p', { class: 'prompt', dir: 'auto' }, only.prompt)];
  let at = 0;
  const list = create('ol', { class: 'prompts' });
  for (const { prompt, seconds } of beats) {
    const when = create('span', { class: 'when' }, `${Number(at.toFixed(2))}–${formatLength(at + seconds)}`);
    list.append(create('li', {}, when, create('span', { class: 'prompt', dir: 'auto' }, prompt)));
    at += seconds;
  }
  return [list];
}

/** Errors and advice; the same for several takes is shown once. */
function troubleBlocks(parts: readonly PagePart[]): readonly HTMLElement[] {
  const blocks = new Map<string, HTMLElement>();
  for (const { id, state, error, advice, command } of parts) {
    if (error === null && advice === null) continue;
    const same = [state, error, advice, command].join('\n');
    if (blocks.has(same)) continue;
    const block = create('div', { class: `trouble state-${state}` });
    block.append(create('p', {}, create('strong', {}, `${id}: ${STATE_NAMES[state]}. `), error ?? ''));
    if (advice !== null) block.append(create('p', {}, advice));
    if (command !== null) block.append(create('p', {}, copyButton(command, command, 'command')));
    blocks.set(same, block);
  }
  return [...blocks.values()];
}

function elementPictures({ elements }: PagePart): readonly HTMLElement[] {
  if (elements.length === 0) return [];
  const pictures = elements.map(({ src, label }) =>
    src === null
      ? create('span', { class: 'remote' }, label)
      : create('img', { src, alt: label, title: label, loading: 'lazy', decoding: 'async' }),
  );
  return [create('div', { class: 'cast', 'aria-label': 'Elements' }, ...pictures)];
}

function settingsList({ settings }: PagePart): readonly HTMLElement[] {
  if (settings.length === 0) return [];
  const list = create('dl', { class: 'facts' });
  for (const [name, value] of settings)
    list.append(create('div', {}, create('dt', {}, name), create('dd', {}, value)));
  return [create('details', { class: 'settings' }, create('summary', {}, 'Also sent'), list)];
}
