import { type Document, parseDocument } from 'yaml';

/** The document that a text is by YAML 1.2, its errors and warnings in it. */
export function parseYaml(text: string): Document.Parsed {
  return parseDocument(text, {
    // Keys are names: `010:` is not the number ten. Keys that stand twice are found in `readValue`, where it
    // takes no comparison of each with each; so are merge keys and aliases.
    version: '1.2',
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'error',
  });
}
