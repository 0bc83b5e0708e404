import type { NodeAPI } from 'node-red';

/** What is used here of a plugin of the dashboard, such as its add-ons for sign-in. */
interface DashboardPlugin {
  hooks?: { onAddConnectionCredentials?(socket: unknown, msg: object): unknown };
}

const LONGEST_NAME = 200;

/**
 * The user whom the dashboard's add-ons know at a socket; null where they know nobody. They are asked with a message of ours:
 * that of a browser may already bear a `_client.user`, which anybody can make up.
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
      // An add-on that fails knows nobody.
    }
  }
  return nameIn(msg);
}

/** A display name is no name here: people choose it themselves. */
function nameIn(msg: unknown): string | null {
  const { user } = ((msg as { _client?: unknown } | null)?._client ?? {}) as { user?: unknown };
  if (typeof user !== 'object' || user === null) return null;
  const { username, email, userId } = user as Record<string, unknown>;
  const name = [username, email, userId].find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof name === 'string' && name.length <= LONGEST_NAME ? name.trim() : null;
}
