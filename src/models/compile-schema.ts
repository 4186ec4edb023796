import { Ajv, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../base/json.js';

/**
 * Compiles the input schema of a model that does not come with Shotlist; throws where it is no valid JSON Schema.
 * To be loaded only where there is one: ajv takes longer to start than all else that a command loads.
 */
export function compileSchema(schema: JsonObject): ValidateFunction {
  // As in scripts/generate.js: everything wrong is reported at once, with the value and the rule it broke.
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    // Rules such as "goes with" name fields of the whole input from further in, and nobody reads a log.
    strictRequired: false,
    logger: false,
  });
  // A pattern may take for ever to match, and a model file may come from anybody along with a list.
  ajv.removeKeyword('pattern').removeKeyword('patternProperties');
  return ajv.compile(schema);
}
