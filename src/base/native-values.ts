import { CHAIN, fieldMeant, type ShotName, wordsOf } from './native-names.js';

/** A value of another vocabulary as the field takes it, such as `true` for `"on"`; undefined if it cannot be said here. */
export function valueHere(field: ShotName, name: string, value: unknown): unknown {
  switch (field) {
    case 'audio':
      return wordsOf(name) === 'mute' ? negated(truth(value)) : truth(value);
    case 'duration': {
      const seconds = amount(value);
      return seconds !== undefined && /\bms\b/.test(wordsOf(name)) ? seconds / 1000 : seconds;
    }
    case 'cfg_scale': {
      const scale = amount(value);
      // Other models count from 1 to 20.
      return scale !== undefined && scale <= 1 ? scale : undefined;
    }
    case 'takes':
    case 'retries':
    case 'transition':
      return amount(value);
    case 'start_image':
    case 'end_image':
      return imageOf(name, value);
    case 'segments':
      return segmentsOf(value);
    case 'camera':
      return cameraOf(name, value);
    case 'use':
      return Array.isArray(value) && value.length === 2 ? value : undefined;
    case 'elements':
      return Array.isArray(value) && value.every((one) => typeof one === 'string' && /^[\w-]+$/.test(one))
        ? value
        : undefined;
    default:
      return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  }
}

/** Truth of `true`, `"on"`, `"yes"`, `1` and their opposites. */
function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (/^(?:true|on|yes|1)$/i.test(String(value))) return true;
  return /^(?:false|off|no|none|0)$/i.test(String(value)) ? false : undefined;
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function amount(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const digits =
    typeof value === 'string'
      ? /^\s*(\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)?\s*$/i.exec(value)?.[1]
      : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** A path, a URL or a chain: a text, or an object or a list that holds one. */
function imageOf(name: string, value: unknown): unknown {
  if (typeof value === 'string' && value.trim() !== '') {
    return CHAIN.test(wordsOf(name)) ? { last_frame_of: value } : value;
  }
  if (Array.isArray(value)) return value.length === 1 ? imageOf(name, value[0]) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const [only, ...others] = Object.entries(value).filter(([key]) =>
    /^(?:url|uri|path|file|src|image|image_url)$/.test(key),
  );
  return only && others.length === 0 ? imageOf(name, only[1]) : undefined;
}

/** Segments of texts, or of objects with a prompt; also as the text of their JSON. */
function segmentsOf(value: unknown): unknown {
  if (typeof value === 'string' && /^\s*\[/.test(value)) {
    try {
      return segmentsOf(JSON.parse(value));
    } catch {
      return undefined;
    }
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const segments = value.map((one) => {
    if (typeof one === 'string') return { prompt: one };
    if (typeof one !== 'object' || one === null) return undefined;
    const entries = Object.entries(one).map(([key, part]) => [fieldMeant(key), part] as const);
    const prompt = entries.find(([key]) => key === 'prompt')?.[1];
    const duration = amount(entries.find(([key]) => key === 'duration')?.[1]);
    if (typeof prompt !== 'string') return undefined;
    return duration === undefined ? { prompt } : { prompt, duration };
  });
  return segments.includes(undefined) ? undefined : segments;
}

/** Camera directions of a text, or of an object with a type such as `forward_up`. */
function cameraOf(name: string, value: unknown): unknown {
  const words = wordsOf(name);
  if (typeof value === 'object' && value !== null) {
    const { type, movement, move } = value as Record<string, unknown>;
    return cameraOf('camera', type ?? movement ?? move);
  }
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const text = value.replaceAll('_', ' ').trim();
  if (text === 'simple') return undefined;
  if (/size|framing/.test(words)) return { size: text };
  if (/angle/.test(words)) return { angle: text };
  if (/lens|focal/.test(words)) return { lens: text };
  return { move: /^(?:pan|tilt|zoom|dolly|roll|truck|pedestal)$/.test(words) ? `${words} ${text}` : text };
}
