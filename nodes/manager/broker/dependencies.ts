import type { Topics } from '../protocol/topics.js';
import type { AuthenticationResult } from './broker.js';

export type Authenticate = (
  clientid: string,
  username: string,
  password: string,
) => Promise<AuthenticationResult>;

/** What every broker is made with, whichever it is. */
export interface BrokerDependencies {
  topics: Topics;
  /** Whether a client may connect; rejects when the registry cannot be read. */
  authenticate: Authenticate;
  log: { info(text: string): void; warn(text: string): void };
}
