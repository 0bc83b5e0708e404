import { Ajv, type ValidateFunction } from 'ajv';

const ajv = new Ajv({ allowUnionTypes: true });

/**
 * Makes a type guard for what another machine or a file says; `Value` is the type that the schema describes. Its `errors` names the
 * first fault of what it looked at last. What people give goes through `parser` (validate.ts), which tells them all faults.
 */
export function guard<Value>(schema: object): ValidateFunction<Value> {
  return ajv.compile<Value>(schema);
}
