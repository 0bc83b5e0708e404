import type { Node, NodeStatus } from 'node-red';
import type { DashboardAccess } from '../fields/dashboard-access.js';

/** Where the texts that all our nodes share live: the catalogue of tpe-server. */
const SHARED_TEXTS = '@tpedm/node-red-dashboard-2-tpedm/tpe-server:tpe-server.status';
const MAX_TEXT_LENGTH = 60;

/** A text of the shared catalogue that stands by itself; the editor translates it. */
export function sharedText(key: string): string {
  return `${SHARED_TEXTS}.${key}`;
}

/** The beginning of a sentence, short enough to stand below a node. */
export function shortText(sentence: string): string {
  const line = sentence.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_TEXT_LENGTH ? line : `${line.slice(0, MAX_TEXT_LENGTH - 1).trimEnd()}…`;
}

/** What stands below a node that one of its fields keeps from working. */
export function faultStatusText(type: string, { message }: Error): string {
  return shortText(message.replace(`${type}, `, ''));
}

/** How open a dashboard is that our own login does not guard. */
export function accessStatus({ withoutSignIn }: DashboardAccess): NodeStatus {
  if (withoutSignIn === null) return { fill: 'green', shape: 'dot', text: sharedText('openToNobody') };
  if (withoutSignIn === 'viewer') return { fill: 'green', shape: 'dot', text: sharedText('openToLook') };
  return { fill: 'yellow', shape: 'dot', text: sharedText('openToOperate') };
}

/** What a node shows below itself. */
export interface StatusLine {
  /** The state of the connection to the server. While it is not `ready` it hides the activity. */
  connection(status: NodeStatus, ready: boolean): void;
  /** What the node itself does or did last; null shows the connection again. */
  activity(status: NodeStatus | null): void;
}

/**
 * Makes the status line of a node. The connection is shown at once. Activity that changes within `intervalMs` of the
 * last status is held back, and the newest shown then, since each status goes to every open editor.
 * Closing the node clears it.
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
      // What failed while the connection was away is no news once it is back.
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
