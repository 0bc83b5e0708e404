const UNSET_ENVIRONMENT = /^\$\{[^}]+\}$/;

/** True for a field left empty, and for `${X}` where X is not set: Node-RED leaves that as it was written. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && (value.trim() === '' || UNSET_ENVIRONMENT.test(value.trim()));
}
