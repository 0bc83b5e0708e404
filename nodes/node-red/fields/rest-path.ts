import { isBlank } from './blank.js';
import { textIn } from './checks.js';
import type { FieldValues } from './field.js';

/** The path at which TPEDM serves its REST API. */
export const DEFAULT_REST_PATH = '/api';

/** The path below which a tpe-server with these fields serves REST; null if it does not. */
export function restPathOf(node: FieldValues): string | null {
  if (textIn(node, 'rest') !== 'on') return null;
  const path = textIn(node, 'restPath');
  return isBlank(path) ? DEFAULT_REST_PATH : path;
}
