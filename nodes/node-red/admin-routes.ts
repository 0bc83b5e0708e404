import type { NodeAPI } from 'node-red';
import { messageOf, TpeError } from '../manager/tpe-error.js';

/**
 * Adds a route to the editor's API for somebody who holds `permission`. POST only: a link in a foreign page must
 * not be able to start anything. What `handle` resolves with is sent as JSON; INVALID_INPUT becomes 400.
 */
export function postRoute(
  RED: NodeAPI,
  path: string,
  permission: string,
  handle: (body: unknown) => Promise<unknown>,
): void {
  RED.httpAdmin.post(path, RED.auth.needsPermission(permission), (request, response) => {
    handle(request.body).then(
      (result) => response.json(result),
      (error: unknown) => {
        const status = error instanceof TpeError && error.code === 'INVALID_INPUT' ? 400 : 500;
        response.status(status).json({ error: messageOf(error) });
      },
    );
  });
}
