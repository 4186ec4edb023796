import { describe, expect, it } from 'vitest';
import { foreignScripts, nameMissingScripts } from '../../src/media/fonts.js';

describe('letters that a machine may have no font for', () => {
  it('a font is looked for only for letters that the captions have none for', () => {
    expect(foreignScripts('Ça, ünd Ελλάδα, Москва, שלום and سلام — “fine”…')).toEqual(new Map());
    expect(foreignScripts('海辺で 🎬')).toEqual(
      new Map([
        ['Japanese', 'で'],
        ['Chinese', '海'],
        ['emoji', '🎬'],
      ]),
    );
  });

  it('letters without a font are named, and the text beside them is kept', () => {
    const unshown = new Set(['Japanese', 'Chinese', 'emoji']);
    expect(nameMissingScripts('海辺で 🎬 紙の船が、静かな朝。Slow push in 🎬.', unshown)).toBe(
      '[Japanese: font missing] Slow push in .',
    );
    expect(nameMissingScripts('紙船 drifts', unshown)).toBe('[Chinese: font missing] drifts');
  });

  it('letters with a font stay as they are', () => {
    expect(nameMissingScripts('สวัสดี 海', new Set(['Chinese']))).toBe('สวัสดี [Chinese: font missing]');
  });
});
