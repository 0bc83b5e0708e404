import type { Body } from './webhook-bodies.js';

/** One event on its way to the webhook. */
export interface Delivery {
  /** `action` of EMQX 4, `event` of EMQX 5 and 6. */
  event: string;
  clientid: string;
  body: Body;
}
