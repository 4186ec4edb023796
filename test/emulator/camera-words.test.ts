import { describe, expect, it } from 'vitest';
import { cameraBeats } from '../../src/emulator/camera-words.js';

/** Beats as text: moves made together joined by +, beats in order by >. */
function read(prompt: string): string {
  return cameraBeats(prompt)
    .map((beat) => beat.map(({ name, pace }) => (pace === 'usual' ? name : `${pace} ${name}`)).join(' + '))
    .join(' > ');
}

describe('the camera words of a prompt', () => {
  it.each([
    ['Push in.', 'push in'],
    ['Slow push-in on her face.', 'slow push in'],
    ['The camera slowly pushes in toward the window.', 'slow push in'],
    ['Dolly in.', 'push in'],
    ['The camera moves closer.', 'push in'],
    ['The camera glides slowly toward the door.', 'slow push in'],
    ['Wide of a headland. Slow aerial drift in from the sea.', 'slow push in'],
    ['Zoom in quickly.', 'fast zoom in'],
    ['Crash zoom.', 'fast zoom in'],
    ['Slow zoom out to reveal the valley.', 'slow zoom out'],
    ['Pull back.', 'pull back'],
    ['Camera pulls out slowly.', 'slow pull back'],
    ['Dolly back from the table.', 'pull back'],
    ['Pan left.', 'pan left'],
    ['The camera pans slowly to the right.', 'slow pan right'],
    ['Panning from right to left across the room.', 'pan left'],
    ['Whip pan right.', 'fast pan right'],
    ['Slow pan across the skyline.', 'slow pan right'],
    ['Pan up to the sky.', 'tilt up'],
    ['Tilt down.', 'tilt down'],
    ['The camera tilts slowly upward.', 'slow tilt up'],
    ['Tracking shot.', 'track right'],
    ['Tracking shot to the left.', 'track left'],
    ['Truck left.', 'track left'],
    ['Slow lateral slide to the right, very shallow focus.', 'slow track right'],
    ['Crane up over the roofs.', 'crane up'],
    ['The camera descends into the street.', 'crane down'],
    ['The camera follows the watch down.', 'crane down'],
    ['Crane shot.', 'crane up'],
    ['The camera orbits around her.', 'orbit'],
    ['The camera rotates gently against his steps.', 'slow roll right'],
    ['Long shot, from above, slow rotation.', 'slow roll right'],
    ['Handheld from another deck, long lens.', 'handheld'],
    ['Hand-held camera, push in.', 'handheld + push in'],
    ['The camera pulls back and drifts left in one smooth move.', 'pull back + track left'],
    ['The camera pans left, then tilts up.', 'pan left > tilt up'],
    ['Push in, then pull back.', 'push in > pull back'],
    ['Push in and pull back.', 'push in > pull back'],
    ['Static shot, followed by a slow push in.', 'static > slow push in'],
  ])('the camera words of %j mean %j', (prompt, beats) => {
    expect(read(prompt)).toBe(beats);
  });

  it.each([
    'Static shot.',
    'Static medium shot. A match flares.',
    'Very wide, still camera, stars between torn clouds.',
    'Locked-off camera close to the surface.',
    'Close-up, eye level, static, 35mm.',
    'No camera movement.',
    'The camera does not move.',
    "The camera doesn't move at all.",
    'Camera stays still.',
    'No zoom.',
    'No pan, tilt or zoom.',
    'Without any push in or pan.',
  ])('the camera words of %j mean a static camera', (prompt) => {
    expect(read(prompt)).toBe('static');
  });

  it.each([
    ['No zoom, just a slow pan left.', 'slow pan left'],
    ['Never tilt down; push in.', 'push in'],
    ['No handheld.', ''],
    ['Push in, no camera shake.', 'push in'],
  ])('a denied camera move in %j is left out', (prompt, beats) => {
    expect(read(prompt)).toBe(beats);
  });

  it.each([
    'A white paper boat drifts slowly toward the camera on a still pond.',
    'He pulls back the curtain and she pushes in the drawer.',
    'She tilts her head and lowers her hand.',
    'A truck turns left on the left side of the road.',
    'A frying pan on the stove, still water, a crane stands by the pond.',
    'The sun rises; the elevator descends.',
    '',
  ])('a move of people and things in %j is no camera move', (prompt) => {
    expect(read(prompt)).toBe('');
  });

  it('reading camera words takes time in proportion to the prompt', () => {
    const started = process.cpuUsage().user;
    cameraBeats(`${'camera slowly '.repeat(200)} ${'pan very slowly '.repeat(200)}`);
    cameraBeats('no '.repeat(1000));
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(1000);
  });
});
