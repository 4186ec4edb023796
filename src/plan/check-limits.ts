import type { Code } from '../language/diagnostic.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import type { Element, Shot, ShotList } from '../language/shot-list.js';
import type { Model } from '../models/catalog.js';
import type { ComposedInput } from './compose-input.js';
import type { Part } from './parts.js';

/**
 * Limits of the Kling models that RunComfy's documents do not have, and the hosts that document them (seen 2026). RunComfy
 * may have the same limits, so they are warnings, never errors. `most` is in characters or images.
 */
const TOLD = {
  prompt: { most: 2500, by: 'Comfy, Higgsfield' },
  negative_prompt: { most: 2500, by: 'mulerouter' },
  segment: { most: 512, by: 'Higgsfield, Comfy Router, midsync' },
  promptBesideSegments: { by: 'mulerouter, midsync, kie.ai, fal' },
  intelligent: { by: 'mulerouter' },
  endImage: { by: 'midsync, kie.ai' },
  references: { most: 3, by: 'preview.io, midsync' },
} as const;

/** One part of a shot, and what is sent for it. */
interface Sent {
  readonly shot: Shot;
  readonly list: ShotList;
  readonly model: Model;
  readonly part: Part;
  readonly composed: ComposedInput;
}

/** Warnings about what RunComfy's documents allow and other hosts of the same model do not. */
export function checkLimits(sent: Sent): readonly PlacedFinding[] {
  const { shot, list, model, composed } = sent;
  if (!model.id.startsWith('kling/')) return [];
  const hasSegments = model.fields.segments !== undefined && composed.segments.length > 0;
  const elements = model.element ? (shot.fields.elements ?? []) : [];
  return [
    ...longTexts(sent, hasSegments),
    ...(hasSegments ? besideSegments(sent) : []),
    ...elements.flatMap((name) => aboutElement(list.elements.get(name))),
  ];
}

function longTexts({ shot, model, part, composed }: Sent, hasSegments: boolean): readonly PlacedFinding[] {
  const { fields, origin } = shot;
  const look = fields.look === 'none' ? undefined : fields.look;
  const added = [fields.camera && '`camera`', look && '`look`'].filter(Boolean).join(' and ');
  const whole = added === '' ? '' : ` with ${added}`;
  const segments = hasSegments ? composed.segments : [];
  const texts: { name: string; text: string; place: Place; limit: { most: number; by: string } }[] = [
    {
      name: `the prompt${whole}`,
      text: composed.prompt,
      place: origin(fields.prompt === undefined ? 'segments' : 'prompt'),
      limit: TOLD.prompt,
    },
    {
      name: 'the negative prompt',
      text: (model.fields.negative_prompt && fields.negative_prompt) ?? '',
      place: origin('negative_prompt'),
      limit: TOLD.negative_prompt,
    },
    ...segments.map(({ prompt }, index) => ({
      name: `segment ${part.firstSegment + index + 1}${whole}`,
      text: prompt,
      place: inside(origin('segments'), part.firstSegment + index, 'prompt'),
      limit: TOLD.segment,
    })),
  ];
  return texts.flatMap(({ name, text, place, limit: { most, by } }) => {
    // A sign outside the basic plane of Unicode, such as an emoji, is one character.
    const length = text.length > most ? [...text].length : 0;
    if (length <= most) return [];
    const message = `${name} has ${length} characters; ${hosts(by)} take ${most} at most`;
    return [warning('SL304', { place, message })];
  });
}

/** Warnings about a part that is sent with segments. */
function besideSegments({ shot, model, composed }: Sent): readonly PlacedFinding[] {
  const { fields, origin } = shot;
  const found: PlacedFinding[] = [];
  if (fields.prompt !== undefined) {
    const message = `a prompt beside segments counts for nothing with ${hosts(TOLD.promptBesideSegments.by)}, or is refused`;
    const hint = 'without it, the prompts of the segments are sent in its place, which RunComfy requires';
    found.push(warning('SL307', { place: origin('prompt'), about: 'key', message, hint }));
  }
  if (fields.shot_type === 'intelligent') {
    const message = `\`intelligent\` makes its own cuts; with segments, ${hosts(TOLD.intelligent.by)} take \`customize\``;
    found.push(warning('SL308', { place: origin('shot_type'), message }));
  }
  if (model.fields.end_image && composed.input[model.fields.end_image] !== undefined) {
    const message = `with segments, ${hosts(TOLD.endImage.by)} take a start image only`;
    found.push(warning('SL309', { place: origin('end_image'), about: 'key', message }));
  }
  return found;
}

function aboutElement(element: Element | undefined): readonly PlacedFinding[] {
  if (!element || element.isBroken) return [];
  const { name, place, frontal_image, reference_images } = element;
  const { most, by } = TOLD.references;
  const wanted = `${hosts(by)} take one frontal image and up to ${most} others`;
  if (!frontal_image) {
    const message = `\`${name}\` has no frontal image; ${wanted}`;
    return [warning('SL310', { place, about: 'key', message })];
  }
  if (reference_images.length <= most) return [];
  const message = `\`${name}\` has ${reference_images.length} reference images; ${wanted}`;
  return [warning('SL310', { place: inside(place, 'reference_images'), about: 'key', message })];
}

function hosts(names: string): string {
  return `other hosts of the same models (${names})`;
}

function warning(code: Code, finding: Omit<PlacedFinding, 'code' | 'severity'>): PlacedFinding {
  const accept = `RunComfy’s documents have no such limit: \`ignore: [${code}]\` on the shot or the list accepts it`;
  const hint = finding.hint ? `${finding.hint}; ${accept}` : accept;
  return { ...finding, code, severity: 'warning', hint };
}
