import { klingName } from '../base/kling-name.js';
import {
  elementField,
  isRequest,
  type Meaning,
  meaningOf,
  type ShotName,
  wordsOf,
} from '../base/native-names.js';
import { valueHere } from '../base/native-values.js';
import type { SchemaProblem } from '../base/schema-problem.js';
import { shellWord } from '../base/text.js';
import { fieldNames } from '../generated/field-names.js';
import type { Finding, Path } from './diagnostic.js';
import { flow, type Level, LONGEST, OTHERWISE, valueHint } from './value-hints.js';

/** Words about a mistake of structure that say what to write; the problem's own words stay where one is missing. */
export interface Advice {
  readonly message?: string;
  readonly hint?: string | undefined;
  /** Path of the field that was meant: it is not reported as missing. */
  readonly meant?: Path;
}

/** The kind of the map at `path`. */
function levelOf(path: Path): Level {
  const [first, second, third] = path;
  const last = path.at(-1);
  if (path.length === 0) return 'list';
  if (last === 'camera' || path.at(-2) === 'camera') return 'camera';
  if (last === 'matrix') return 'shot';
  if (/^(?:start|end|frontal)_image$/.test(String(last))) return 'image';
  if (typeof last === 'number' && path.includes('segments')) return 'segment';
  if (first === 'elements' && path.length === 2) return 'element';
  if (first === 'scenes') return third === 'defaults' ? 'shot' : 'scene';
  if (first === 'defaults' || first === 'profiles' || typeof second === 'number')
    return path.length <= 2 ? 'shot' : 'other';
  return 'other';
}

/** Advice on a problem that the schema has with `list`; empty where the problem's own words say enough. */
export function adviceOn({ path, rule, meant }: SchemaProblem, list: unknown): Advice {
  if (path.length === 0 && rule !== 'additionalProperties') return {};
  // `Start-Image` and `segment` are slips of the pen.
  if (meant !== undefined && lettersOf(meant) === lettersOf(String(path.at(-1)))) return {};
  const name = path.at(-1);
  const parent = path.slice(0, -1);
  const value = valueAt(list, path);
  if (rule !== 'additionalProperties')
    return { hint: valueHint(path, { rule, level: levelOf(parent), value }) };
  return unknownName(String(name), { parent, value, siblings: valueAt(list, parent) as object });
}

/** The finding about a file that is no list but a request for the API; undefined for any other value or text. */
export function requestFinding(list: unknown, file: string): Finding | undefined {
  if (!isRequest(list)) return undefined;
  const message = 'this is a request for the API, not a shot list';
  const hint = `\`shotlist import ${shellWord(file)}\` makes a list of it`;
  return { code: 'SL101', about: 'missing', message, hint };
}

function lettersOf(name: string): string {
  return wordsOf(name).replaceAll(' ', '').replace(/s$/, '');
}

function valueAt(list: unknown, path: Path): unknown {
  let part = list;
  for (const key of path) part = (part as Record<string | number, unknown> | null | undefined)?.[key];
  return part;
}

/** A field with a name that the place does not have. */
interface Unknown {
  readonly parent: Path;
  readonly value: unknown;
  readonly siblings: object;
}

function unknownName(name: string, unknown: Unknown): Advice {
  switch (levelOf(unknown.parent)) {
    case 'list':
      return listName(name, unknown);
    case 'shot':
      return shotName(name, unknown, meaningOf(name));
    case 'scene':
      return SHOT_FIELDS.has(name) || meaningOf(name)
        ? belongs(name, 'to the shots of a scene', 'write it under the scene’s `defaults:`')
        : {};
    case 'segment':
      return segmentName(name, unknown);
    case 'element':
      return elementName(name, unknown);
    case 'camera':
      return cameraName(name, unknown);
    case 'image':
      return imageName(name, unknown);
    default:
      return {};
  }
}

function shotName(name: string, unknown: Unknown, meaning: Meaning | undefined): Advice {
  const { parent, value, siblings } = unknown;
  if (!meaning) return {};
  if (!('field' in meaning)) return lacking(name, meaning, value);
  const { field } = meaning;
  if (field === 'model' && !Object.hasOwn(siblings, field)) return modelName(name, unknown);
  if (/^(?:last_frame|end_image)_of$/.test(name)) {
    const hint = `write \`start_image: { ${name}: ${flow(value)} }\``;
    return { message: `\`${name}\` goes inside \`start_image\``, hint, meant: [...parent, 'start_image'] };
  }
  return renamed(name, field, {
    parent,
    // A matrix has a list of values.
    value: parent.at(-1) === 'matrix' ? undefined : valueHere(field, name, value),
    isThere: Object.hasOwn(siblings, field),
    otherwise: parent.at(-1) === 'matrix' ? undefined : OTHERWISE[field],
  });
}

/** Advice on a model by Kling's own name, to which the field `mode` belongs. */
function modelName(name: string, { parent, value, siblings }: Unknown): Advice {
  const { mode } = siblings as { mode?: unknown };
  const written = `${value}${typeof mode === 'string' ? ` ${mode}` : ''}`;
  const { family = '', tier = '' } = klingName(written) ?? {};
  const otherwise = 'write `model:` and one of the names that `shotlist models` shows with their prices';
  return renamed(name, 'model', {
    parent,
    value: family && tier ? `kling-${family}/${tier}` : undefined,
    otherwise,
  });
}

/** Advice to write a field by the name that it has here. */
function renamed(
  name: string,
  field: string,
  {
    parent,
    value,
    isThere,
    otherwise,
  }: { parent: Path; value: unknown; isThere?: boolean; otherwise?: string | undefined },
): Advice {
  const message = `\`${name}\` is called \`${field}\` here`;
  if (isThere) return { message, hint: `\`${field}\` is already written here: keep one of them` };
  const written = value === undefined ? undefined : flow(value);
  const hint =
    written === undefined
      ? (otherwise ?? `write \`${field}:\``)
      : written.length > LONGEST
        ? `write \`${field}:\` instead of \`${name}:\``
        : `write \`${field}: ${written}\``;
  return { message, hint, meant: [...parent, field] };
}

function lacking(
  name: string,
  { why, instead }: Exclude<Meaning, { field: ShotName }>,
  value: unknown,
): Advice {
  const own = why.startsWith('these models')
    ? `; a model with a \`${name}\` of its own takes it under \`input\``
    : '';
  return { message: `there is no \`${name}\` here: ${why}`, hint: instead(value) + own };
}

function belongs(name: string, whose: string, hint: string): Advice {
  return { message: `\`${name}\` belongs ${whose}`, hint };
}

/** Fields of a shot, which people write in other places too. */
const SHOT_FIELDS: ReadonlySet<string> = new Set(fieldNames);

/** Names that people give to the parts of a list. */
const LIST_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:name|(?:project|film|movie)(?: (?:title|name))?)$/, 'title'],
  [/^(?:aspect ratio|ratio|orientation)$/, 'aspect'],
  [/^(?:characters?|cast|subjects?|assets|people)$/, 'elements'],
  [/^(?:variables?|constants?|params|parameters|placeholders)$/, 'vars'],
  [/^(?:default|settings?|common|globals?|config|options)$/, 'defaults'],
  [/^(?:includes?|imports?|extends?)$/, 'include'],
  [/^(?:clips?|shot ?list|shot|items|videos?|storyboard|panels?)$/, 'shots'],
  [/^(?:max |most )?(?:cost|price|spend|limit|budget)(?: usd| limit)?$/, 'budget'],
  [/^(?:style|visual style|aesthetic)$/, 'look'],
  [/^(?:sequences?|acts?)$/, 'scenes'],
  [/^(?:presets?|variants?)$/, 'profiles'],
];

function listName(name: string, { value, siblings }: Unknown): Advice {
  const words = wordsOf(name);
  const meant = LIST_NAMES.find(([pattern]) => pattern.test(words))?.[1];
  if (meant !== undefined) {
    return renamed(name, meant, {
      parent: [],
      value: typeof value === 'string' || typeof value === 'number' ? value : undefined,
      isThere: Object.hasOwn(siblings, meant),
    });
  }
  if (SHOT_FIELDS.has(name)) {
    const hint = `write it on the shot, or under \`defaults:\` for all shots`;
    return { ...belongs(name, 'to a shot, not to the list', hint), meant: ['defaults', name] };
  }
  const meaning = meaningOf(name);
  if (!meaning) return {};
  if (!('field' in meaning)) return lacking(name, meaning, value);
  const { message = '', hint = '' } = renamed(name, meaning.field, {
    parent: [],
    value: valueHere(meaning.field, name, value),
    otherwise: OTHERWISE[meaning.field],
  });
  return { message, hint: `${hint}, on the shot or under \`defaults:\``, meant: ['defaults', meaning.field] };
}

function segmentName(name: string, unknown: Unknown): Advice {
  const { parent, value, siblings } = unknown;
  const words = wordsOf(name);
  if (/^(?:index|order|no|number|id|name|key)$/.test(words)) {
    return { message: `a segment has no \`${name}\`: their order says it`, hint: 'take it out' };
  }
  if (/^(?:start|end|from|to|begin|in|out)(?: time| s| seconds)?$/.test(words)) {
    return {
      message: `a segment has no \`${name}\`: it begins where the one before ends`,
      hint: 'write its length: `duration: 4`',
    };
  }
  const meaning = meaningOf(name);
  if (meaning && 'field' in meaning && (meaning.field === 'prompt' || meaning.field === 'duration')) {
    const { field } = meaning;
    return renamed(name, field, {
      parent,
      value: valueHere(field, name, value),
      isThere: Object.hasOwn(siblings, field),
      otherwise: OTHERWISE[field],
    });
  }
  if (SHOT_FIELDS.has(name) || (meaning && 'field' in meaning)) {
    const hint = 'write it on the shot; a beat with an image or settings of its own is a shot of its own';
    return belongs(name, 'to the shot, not to a segment', hint);
  }
  return meaning ? lacking(name, meaning, value) : {};
}

function elementName(name: string, { parent, value, siblings }: Unknown): Advice {
  const words = wordsOf(name);
  if (/^(?:id|name|tag|label|key)$/.test(words)) {
    return { message: `an element has no \`${name}\`: its name is the key above`, hint: 'take it out' };
  }
  if (/^(?:description|desc|prompt|text|look|role|notes?)$/.test(words)) {
    return {
      message: `an element has no \`${name}\`: it is images, or a video`,
      hint: 'describe it in the prompts, or in a comment: `# …`',
    };
  }
  const field = elementField(name);
  if (field === undefined) return {};
  const images = field === 'reference_images' && typeof value === 'string' ? [value] : value;
  const isText = typeof value === 'string' || Array.isArray(value);
  return renamed(name, field, {
    parent,
    value: isText ? images : undefined,
    isThere: Object.hasOwn(siblings, field),
  });
}

function cameraName(name: string, { parent, value, siblings }: Unknown): Advice {
  const words = wordsOf(name);
  const field = /\b(?:size|framing|shot)\b/.test(words)
    ? 'size'
    : /\b(?:angle|perspective|height|view)\b/.test(words)
      ? 'angle'
      : /\b(?:lens|focal|mm|aperture)\b/.test(words)
        ? 'lens'
        : /\b(?:move\w*|motion|pan|tilt|zoom|dolly|roll|truck|track\w*|type|push|pull|speed)\b/.test(words)
          ? 'move'
          : undefined;
  if (field === undefined) return {};
  const text = typeof value === 'string' ? value.replaceAll('_', ' ') : undefined;
  const verb = /^(?:pan|tilt|zoom|dolly|roll|truck|push|pull)$/.test(words) ? `${words} ` : '';
  return renamed(name, field, {
    parent,
    value: text && verb + text,
    isThere: Object.hasOwn(siblings, field),
  });
}

function imageName(name: string, { parent, value }: Unknown): Advice {
  const field = String(parent.at(-1));
  const words = wordsOf(name);
  if (typeof value !== 'string') return {};
  if (/^(?:path|file|src|image|image url|uri|href|local)$/.test(words)) {
    return {
      message: `there is no \`${name}\` in \`${field}\``,
      hint: `write the path or URL alone: \`${field}: ${flow(value)}\``,
    };
  }
  if (/^(?:last frame|last|from|shot|chain|clip|previous|continue)(?: from| of)?$/.test(words)) {
    return {
      message: `\`${name}\` is called \`last_frame_of\` here`,
      hint: `write \`${field}: { last_frame_of: ${flow(value)} }\``,
    };
  }
  return {};
}
