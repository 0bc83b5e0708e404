/** Counts of webhooks by result, since the manager was opened. */
export interface WebhookCounts {
  /** Events that are in the database. */
  taken: number;
  /** Events that came again, and changed nothing. */
  repeated: number;
  /** Bodies with events that are of no interest to us. */
  ignored: number;
  /** Bodies that are no webhook, and events that there was no room for. */
  refused: number;
  /** Events that were answered with 503 since the database was slow or away, but kept. */
  late: number;
  /** Events that the database could not take, whenever it is asked. */
  failed: number;
  /** Events that wait for the database now. */
  waiting: number;
  /** How many came with the previous secret, which is good while it is changed. */
  previousSecret: number;
  /** How many bodies came of each action, by EMQX's name for it. */
  actions: Record<string, number>;
}

export type WebhookOutcome = Exclude<keyof WebhookCounts, 'waiting' | 'actions' | 'previousSecret'>;

/** Further names count as `other`: a sender must not make us store any number of them. */
const MAX_ACTIONS = 50;
const MAX_ACTION_LENGTH = 64;
const OTHER = 'other';

export interface WebhookCounter {
  outcome(outcome: WebhookOutcome): void;
  action(name: string): void;
  previousSecret(): void;
  counts(waiting: number): WebhookCounts;
}

export function createWebhookCounter(): WebhookCounter {
  const outcomes: Record<WebhookOutcome, number> = {
    taken: 0,
    repeated: 0,
    ignored: 0,
    refused: 0,
    late: 0,
    failed: 0,
  };
  const actions = new Map<string, number>();
  let previous = 0;
  return {
    outcome(outcome) {
      outcomes[outcome] += 1;
    },
    action(name) {
      const hasRoom = actions.has(name) || (actions.size < MAX_ACTIONS && name.length <= MAX_ACTION_LENGTH);
      const key = hasRoom ? name : OTHER;
      actions.set(key, (actions.get(key) ?? 0) + 1);
    },
    previousSecret() {
      previous += 1;
    },
    counts: (waiting) => ({
      ...outcomes,
      waiting,
      previousSecret: previous,
      actions: Object.fromEntries(actions),
    }),
  };
}
