import type { Node, NodeStatus } from 'node-red';
import type { DashboardAccess } from '../fields/dashboard-access.js';

/** The texts that all nodes share are in the locale of tpe-server. */
const SHARED_TEXTS = '@tpedm/node-red-dashboard-2-tpedm/tpe-server:tpe-server.status';
const MAX_TEXT_LENGTH = 60;

/** The key of a shared text. The editor translates it if it is the whole status. */
export function sharedText(key: string): string {
  return `${SHARED_TEXTS}.${key}`;
}

/** Shortens a sentence so that it fits below a node. */
export function shortText(sentence: string): string {
  const line = sentence.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_TEXT_LENGTH ? line : `${line.slice(0, MAX_TEXT_LENGTH - 1).trimEnd()}…`;
}

/** The status text of a node that does not work because of a faulty field. `type` is removed from the message. */
export function faultStatusText(type: string, { message }: Error): string {
  return shortText(message.replace(`${type}, `, ''));
}

/** The status of a tpe-server whose dashboard is not guarded by the login of this pack: what people can do without signing in. */
export function accessStatus({ withoutSignIn }: DashboardAccess): NodeStatus {
  if (withoutSignIn === null) return { fill: 'green', shape: 'dot', text: sharedText('openToNobody') };
  if (withoutSignIn === 'viewer') return { fill: 'green', shape: 'dot', text: sharedText('openToLook') };
  return { fill: 'yellow', shape: 'dot', text: sharedText('openToOperate') };
}

/** The status that a node shows below itself. */
export interface StatusLine {
  /** Sets the state of the connection to the server. It hides the activity as long as `ready` is false. */
  connection(status: NodeStatus, ready: boolean): void;
  /** Sets what the node does or did last; null shows the connection again. */
  activity(status: NodeStatus | null): void;
}

/**
 * Creates the status line of a node. It shows the connection at once. If the activity changes within `intervalMs` milliseconds after the
 * last status, the newest one is shown at the end of that time, because each status goes to every open editor. Closing the node clears it.
 */
export function statusLine(node: Node, intervalMs = 1000): StatusLine {
  let connection: NodeStatus = {};
  let ready = false;
  let activity: NodeStatus | null = null;
  let shown = '{}';
  let pause: NodeJS.Timeout | undefined;
  let closed = false;

  const show = () => {
    clearTimeout(pause);
    pause = undefined;
    if (closed) return;
    const status = ready && activity ? activity : connection;
    const text = JSON.stringify(status);
    if (text === shown) return;
    shown = text;
    node.status(status);
    pause = setTimeout(show, intervalMs);
    pause.unref();
  };

  node.on('close', () => {
    closed = true;
    clearTimeout(pause);
    node.status({});
  });

  return {
    connection(status, isReady) {
      connection = status;
      // A failure from the time without a connection is no longer of interest.
      if (isReady && !ready && activity?.fill === 'red') activity = null;
      ready = isReady;
      show();
    },
    activity(status) {
      activity = status;
      if (pause === undefined) show();
    },
  };
}
