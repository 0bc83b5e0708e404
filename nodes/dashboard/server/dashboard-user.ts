import type { NodeAPI } from 'node-red';

/** The part of a dashboard plugin, such as a sign-in add-on, that is used here. */
interface DashboardPlugin {
  hooks?: { onAddConnectionCredentials?(socket: unknown, msg: object): unknown };
}

const MAX_NAME_LENGTH = 200;

/**
 * The user that the dashboard's add-ons find at a socket; null if they find none. The add-ons get a new message, because the message of a
 * browser may contain a forged `_client.user`.
 */
export function dashboardUser(RED: NodeAPI, socket: unknown): string | null {
  const { plugins } = RED as { plugins?: { getByType(type: string): DashboardPlugin[] } };
  let msg: unknown = { _client: {} };
  for (const { hooks } of plugins?.getByType('node-red-dashboard-2') ?? []) {
    try {
      if (typeof msg === 'object' && msg !== null) {
        msg = hooks?.onAddConnectionCredentials?.(socket, msg) ?? msg;
      }
    } catch {
      // An add-on that fails counts as one that knows no user.
    }
  }
  return nameIn(msg);
}

/** Ignores display names, because people choose them themselves. */
function nameIn(msg: unknown): string | null {
  const { user } = ((msg as { _client?: unknown } | null)?._client ?? {}) as { user?: unknown };
  if (typeof user !== 'object' || user === null) return null;
  const { username, email, userId } = user as Record<string, unknown>;
  const name = [username, email, userId].find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof name === 'string' && name.length <= MAX_NAME_LENGTH ? name.trim() : null;
}
