import type { DeviceManager } from '../../manager/device-manager.js';
import { createThrottledLog } from '../../manager/shared/throttled-log.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { holdWebhook, openWebhook, type WebhookTarget } from '../http/webhook-route.js';
import type { ServerNode } from './server-node.js';

/**
 * Receives webhooks on `path`, and keeps the manager open for them even if no other node uses the server. If another server has the path,
 * reports the error CONFLICT at the node. Warns if there is no secret. Closing the node ends it.
 */
export function serveWebhook(
  node: ServerNode,
  path: string,
  { isSecret, isPreviousSecret }: Pick<WebhookTarget, 'isSecret' | 'isPreviousSecret'>,
): void {
  let manager: DeviceManager | null = null;
  const warn = createThrottledLog((text) => node.warn(text));
  const closeWebhook = openWebhook(path, {
    isSecret,
    isPreviousSecret,
    // EMQX 5 drops a rejected event and shows that only in the counters of its action, so the reason is logged here.
    onTurnedAway: (why) => warn(why, `A webhook on ${path} was rejected: ${why}`),
    take(body, secret) {
      if (secret === 'previous') {
        warn(
          'previous',
          `A webhook on ${path} came with the previous secret (TPE_WEBHOOK_SECRET_PREVIOUS): set the current secret on each EMQX node, and remove the previous one when this message no longer appears.`,
        );
      }
      // Refuse at once instead of waiting for the manager, because EMQX 4 keeps the gateway waiting for this answer.
      if (manager !== null) return manager.takeWebhook(body, secret);
      return Promise.reject(new TpeError('UNAVAILABLE', 'The device manager is not open yet.'));
    },
  });
  if (closeWebhook === null) {
    const text = `Another TPE server receives webhooks on ${path}, and this one gets none: set another webhook path, or use one server.`;
    node.error(new TpeError('CONFLICT', text));
  } else if (isSecret === null) {
    node.warn(
      `The webhook on ${path} has no secret, so webhooks are rejected: set one in the server, or in TPE_WEBHOOK_SECRET.`,
    );
  }
  const leave = node.join((state) => {
    manager = state.phase === 'open' ? state.manager : null;
  });
  node.on('close', (removed: boolean, done: () => void) => {
    leave();
    if (closeWebhook !== null) {
      closeWebhook();
      // After a deploy the server comes back on the same path. Until then webhooks get 503, so that EMQX sends them again.
      if (!removed) holdWebhook(path);
    }
    done();
  });
}
