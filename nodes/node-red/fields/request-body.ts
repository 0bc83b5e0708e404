import { badField } from '../../manager/shared/invalid-input.js';

/** Throws INVALID_INPUT unless the body is an object or a list. An empty body stands for {}. */
export function checkBody(value: unknown): void {
  if (value === null || value === '' || typeof value === 'object') return;
  throw badField('requestBody', 'a JSON object or array');
}
