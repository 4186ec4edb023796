import { layOut } from './lay-out.js';
import { isSameContent } from './same-content.js';

/**
 * A shot list's text in the project's one layout, or null where that would change what the list says: then it must be left
 * as it is. The text has to be well-formed YAML; LF ends the lines of the result, and it has no byte order mark.
 */
export function formatList(text: string): string | null {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const formatted = layOut(plain);
  return isSameContent(plain, formatted) ? formatted : null;
}
