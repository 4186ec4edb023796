import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { piecesOf } from './pieces.js';

/**
 * Whether two YAML texts say the same: the same values under the same keys in the same order, written in the same style,
 * with the same anchors, tags and comments. A text that YAML cannot read says nothing.
 */
export function isSameContent(one: string, other: string): boolean {
  const content = contentOf(one);
  return content !== null && content === contentOf(other);
}

function contentOf(text: string): string | null {
  const documents = parseAllDocuments(text, {
    version: '1.2',
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return null;
  return JSON.stringify([documents.map(documentContent), comments(text)]);
}

function documentContent({ contents, directives }: Document.Parsed): unknown {
  return [directives.toString(), nodeContent(contents)];
}

function nodeContent(node: unknown): unknown {
  if (isAlias(node)) return ['alias', node.source];
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [nodeContent(key), nodeContent(value)]);
    return ['map', node.flow, node.anchor, node.tag, pairs];
  }
  if (isSeq(node)) return ['list', node.flow, node.anchor, node.tag, node.items.map(nodeContent)];
  // The source tells `0010` from the number ten.
  if (isScalar(node)) return [node.type, node.anchor, node.tag, node.source];
  return null;
}

function comments(text: string): readonly string[] {
  return piecesOf(text).flatMap((piece) => (piece.kind === 'comment' ? piece.text : []));
}
