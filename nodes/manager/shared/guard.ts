import { Ajv, type ValidateFunction } from 'ajv';

const ajv = new Ajv({ allowUnionTypes: true });

/**
 * Creates a type guard for data from another machine or a file. `Value` is the type that the schema describes. Its `errors` has the first
 * fault of the last value. Input of people goes through `parser` (validate.ts) instead, which reports all faults.
 */
export function guard<Value>(schema: object): ValidateFunction<Value> {
  return ajv.compile<Value>(schema);
}
