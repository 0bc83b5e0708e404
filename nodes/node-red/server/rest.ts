import type { IncomingMessage } from 'node:http';
import { prefixed, TpeError } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { holdRest, openRest, type RestTarget } from '../http/rest-route.js';
import type { RestAccess } from '../login/rest-access.js';
import type { ServerNode } from './server-node.js';

/**
 * Lets a server serve REST on a path, and keeps its manager open for that, whether other nodes use the server or not. What keeps it
 * from that is said in the log.
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
    // What is deployed again comes back on the same path.
    if (!removed) holdRest(path);
    done();
  });
}
