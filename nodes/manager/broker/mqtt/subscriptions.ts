import type { Topics } from '../../protocol/topics.js';
import { CLIENT_EVENT_FILTERS } from './sys-events.js';

/** What one session subscribes to. */
export interface MqttSubscriptions {
  /** Without them the session is of no use. */
  answers: readonly string[];
  /** EMQX's client events; asked for when the answers are there, and refused by many brokers. */
  clientEvents: readonly string[];
  /** What the same session may still have from before it was in a group: it would get each message twice. */
  outdated: readonly string[];
}

export const NO_SUBSCRIPTIONS: MqttSubscriptions = { answers: [], clientEvents: [], outdated: [] };

/** Answers and telemetry of all gateways and EMQX's client events, shared within the group where there is one. */
export function subscriptionsOf(topics: Topics, group: string | undefined): MqttSubscriptions {
  const answers = topics.filters();
  if (group === undefined) return { answers, clientEvents: CLIENT_EVENT_FILTERS, outdated: [] };
  const share = (filter: string) => `$share/${group}/${filter}`;
  return {
    answers: answers.map(share),
    clientEvents: CLIENT_EVENT_FILTERS.map(share),
    outdated: [...answers, ...CLIENT_EVENT_FILTERS],
  };
}
