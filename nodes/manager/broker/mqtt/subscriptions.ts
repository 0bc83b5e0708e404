import type { Topics } from '../../protocol/topics.js';
import { CLIENT_EVENT_FILTERS } from './sys-events.js';

/** The topic filters that one session subscribes to. */
export interface MqttSubscriptions {
  /** Answers and telemetry. The connection ends if the broker refuses them. */
  answers: readonly string[];
  /** EMQX's client events. They come after the answers, since many brokers refuse them. */
  clientEvents: readonly string[];
  /** Filters that a persistent session may have from the time before it joined a group. With them it would get each message twice. */
  outdated: readonly string[];
}

export const NO_SUBSCRIPTIONS: MqttSubscriptions = { answers: [], clientEvents: [], outdated: [] };

/** Makes the filters for answers and telemetry of all gateways and for EMQX's client events, shared within `group` if there is one. */
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
