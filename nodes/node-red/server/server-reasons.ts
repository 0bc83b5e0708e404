import { defineReasons } from '../../manager/shared/reason.js';

/** Why a node, a widget or a call of REST has no device manager now. */
export const serverReason = defineReasons({
  'manager-not-open': 'The device manager is not open yet, and retries automatically: {reason}',
  'no-server-chosen': 'The node has no TPE server: open the node and choose or add one.',
  'server-disabled':
    'The TPE server "{name}" is disabled: enable it (its own dialog, or the flow that it is in) and deploy, or choose another one.',
});
