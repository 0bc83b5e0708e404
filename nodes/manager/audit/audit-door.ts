/** By which door somebody came whose act is in the audit. */
export const AUDIT_DOORS = ['dashboard', 'editor', 'rest', 'wall'] as const;
export type AuditDoor = (typeof AUDIT_DOORS)[number];

/** How the actions begin that belong to one door alone. */
const OF_ACTIONS: Readonly<Record<string, AuditDoor>> = {
  login: 'dashboard',
  logout: 'dashboard',
  'dashboard.': 'dashboard',
  'editor.': 'editor',
  'rest.': 'rest',
  'wall.': 'wall',
};

/** The door of an entry; null if nothing says it. What came by REST names the call. */
export function doorOfEntry({
  door,
  action,
  detail,
}: {
  door?: AuditDoor | null | undefined;
  action: string;
  detail: Record<string, unknown>;
}): AuditDoor | null {
  if (door) return door;
  const found = Object.entries(OF_ACTIONS).find(([beginning]) => action.startsWith(beginning));
  return found?.[1] ?? (typeof detail.call === 'string' ? 'rest' : null);
}
