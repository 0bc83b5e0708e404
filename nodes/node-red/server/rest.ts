import type { IncomingMessage } from 'node:http';
import { prefixed, TpeError } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { holdRest, openRest, type RestTarget } from '../http/rest-route.js';
import type { RestAccess } from '../login/rest-access.js';
import type { ServerNode } from './server-node.js';

/**
 * Serves REST on `path`, and keeps the manager open for it even if no other node uses the server. If another server has the path, it only
 * reports the error CONFLICT at the node. Closing the node ends it.
 */
export function serveRest(
  node: ServerNode,
  path: string,
  access: RestAccess,
  { addressOf, cors }: { addressOf(request: IncomingMessage): string; cors?: RestTarget['cors'] },
): void {
  const close = openRest(path, {
    callerOf(request, call, role) {
      const token = bearerTokenIn(request.headers);
      const [route = ''] = (request.url ?? '').toLowerCase().split('?', 1);
      const { method = '' } = request;
      return access({ token, method, route, role, call, address: addressOf(request) }, request);
    },
    ...(cors !== undefined && { cors }),
    manager: () => node.getManager(),
    onFault: (error) => node.error(prefixed('A REST call failed', error)),
  });
  if (close === null) {
    const text = `Another TPE server serves REST on ${path}: this one does not. Give it another path, or use one server.`;
    node.error(new TpeError('CONFLICT', text));
    return;
  }
  const leave = node.join(() => undefined);
  node.on('close', (removed: boolean, done: () => void) => {
    leave();
    close();
    // After a deploy the server comes back on the same path. Until then calls get 503, so that callers try again.
    if (!removed) holdRest(path);
    done();
  });
}
