/** A list that is right but for one change: the change, the list, and all expected diagnostics as `SL101 9:15`. */
export type Mutation = readonly [what: string, list: string, ...said: string[]];

/** A list of one shot; `fields` begin in line 9. */
export function shot(fields: string, model = 'kling-3.0/standard'): string {
  return `version: 1
defaults: { model: ${model} }
elements:
  hero: { frontal_image: boards/hero.png }
shots:
  - id: cliff
    prompt: She turns
    start_image: boards/cliff.png
${indent(fields)}
`;
}

/** A list of one shot with the given prompt, in line 10. */
export function prompt(text: string): string {
  return `version: 1
defaults: { model: kling-3.0/standard }
elements:
  hero: { frontal_image: boards/hero.png }
  hero-left: { frontal_image: boards/hero.png }
shots:
  - id: cliff
    start_image: boards/cliff.png
    elements: [hero]
    prompt: ${text}
    duration: 5
`;
}

/** A list of one shot with the given start image, in line 6. */
export function image(reference: string): string {
  return `version: 1
shots:
  - id: cliff
    model: kling-3.0/pro
    prompt: She turns
    start_image: ${reference}
`;
}

/** A list with the anchor `&all`, which has all fields a shot needs; `text` begins in line 3. */
export function list(text: string): string {
  return `version: 1
x-all: &all { model: kling-3.0/pro, prompt: She turns, start_image: boards/cliff.png }
${text}
`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
