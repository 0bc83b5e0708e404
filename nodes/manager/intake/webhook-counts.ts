/** Counts of webhooks by result, since the manager was opened. */
export interface WebhookCounts {
  /** Events that were written to the database. */
  taken: number;
  /** Events that EMQX sent again, and that changed nothing. */
  repeated: number;
  /** Bodies with events that the manager does not use. */
  ignored: number;
  /** Bodies that are not a valid webhook, and events for which the queue had no room. */
  refused: number;
  /** Events answered with 503 since the database was slow or away. They are kept and written later. */
  late: number;
  /** Events that are lost, since the database refused them for a reason that no retry fixes, or the manager closed. */
  failed: number;
  /** Events that wait for the database now. */
  waiting: number;
  /** Webhooks with the previous secret, which stays valid while people change the secret. */
  previousSecret: number;
  /** The number of bodies per action, by EMQX's name of the action. */
  actions: Record<string, number>;
}

export type WebhookOutcome = Exclude<keyof WebhookCounts, 'waiting' | 'actions' | 'previousSecret'>;

/** Further names count as `other`: a sender must not be able to fill the memory with names. */
const MAX_ACTIONS = 50;
const MAX_ACTION_LENGTH = 64;
const OTHER = 'other';

export interface WebhookCounter {
  outcome(outcome: WebhookOutcome): void;
  action(name: string): void;
  previousSecret(): void;
  counts(waiting: number): WebhookCounts;
}

/** Creates counts that start at 0. `counts` takes the number of waiting events, which only the receiver knows. */
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
