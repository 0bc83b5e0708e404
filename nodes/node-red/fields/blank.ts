const UNSET_ENVIRONMENT = /^\$\{[^}]+\}$/;

/** Whether a field is blank. Text such as `${X}` counts as blank, because Node-RED leaves it in place if X is not set. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && (value.trim() === '' || UNSET_ENVIRONMENT.test(value.trim()));
}
